"""Monitors of answers that come in frames."""

from __future__ import annotations

import pytest

from tests.monitors.factory import sentences
from tests.monitors.priced import END, Prints

ONCE = {"part": "Once"}


def test_a_stream_that_comes_to_its_end_is_whole() -> None:
    prints = Prints()
    prints.tell(ONCE, END)
    prints.tell(END)

    judged = prints.judged("stream-ends")

    assert (judged.exercised, judged.findings) == (2, ())


@pytest.mark.parametrize(
    "frames, sentence",
    [
        ((ONCE,), 'expected the frame that ends the 200 to tellTale, got {"part": "Once"} as the last of 1'),
        (
            (END, ONCE),
            'expected nothing after the frame that ends the 200 to tellTale, got {"part": "Once"} as the last of 2',
        ),
        ((), "expected the frame that ends the 200 to tellTale, got no frame at all"),
    ],
)
def test_a_stream_without_its_end_or_with_more_after_it_is_a_finding(frames: tuple[object, ...], sentence: str) -> None:
    prints = Prints()
    prints.tell(*frames)

    assert sentences(prints.judged("stream-ends")) == [sentence]


def test_a_stream_that_says_what_went_wrong_owes_no_end() -> None:
    prints = Prints()
    prints.tell(ONCE, {"part": "", "code": 9, "text": "No more."})
    prints.refuse_to_tell({"code": 9, "text": "No."})

    assert prints.judged("stream-ends").exercised == 0


@pytest.mark.parametrize("whole", [0, 1])
@pytest.mark.parametrize("cut", [1, 2])
def test_streams_that_are_cut_are_a_finding_where_none_comes_to_its_end(whole: int, cut: int) -> None:
    prints = Prints()
    for _ in range(whole):
        prints.tell(ONCE, END)
    for _ in range(cut):
        prints.tell(ONCE, cut=True)

    found = sentences(prints.judged("stream-ends"))

    expected = "expected the 200 to tellTale to end, but every one of 2 streams was cut"
    assert found == ([expected] if (whole, cut) == (0, 2) else [])


def test_each_frame_conforms_to_the_schema_of_the_stream() -> None:
    prints = Prints()
    prints.tell(ONCE, END)

    judged = prints.judged("SAMPLE-tellTale-CONFORMS")

    assert (judged.exercised, judged.findings) == (1, ())


@pytest.mark.parametrize(
    "frame, sentence",
    [
        (b"Once", "expected JSON in every frame of the 200 to tellTale, got 'Once'"),
        (
            {"part": 1},
            'expected /part of a frame of the 200 to tellTale as the document has it, but 1 is not of type "string"',
        ),
    ],
)
def test_a_frame_that_breaks_the_schema_is_a_finding(frame: object, sentence: str) -> None:
    prints = Prints()
    prints.tell(frame, END)

    assert sentences(prints.judged("SAMPLE-tellTale-CONFORMS")) == [sentence]


@pytest.mark.parametrize(
    "frame", [b"\xff\xfe", b"[" * 5000, b'{"part": NaN}', b"x" * 100_000, b'{"part": {"over": [true]}}']
)
def test_whatever_a_frame_holds_it_is_judged(frame: bytes) -> None:
    prints = Prints()
    prints.tell(frame, END)
    prints.make(frame.decode("latin-1"), frame)

    found = sentences(prints.judged("SAMPLE-tellTale-CONFORMS"))

    assert len(found) == 1
    assert len(found[0]) < 400
    for name in ("stream-ends", "request-price", "refused-charge"):
        assert prints.judged(name).findings == ()
