"""What a stream must hold: frames as the document has them, and at its end the frame that ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conformance.contract.outcomes import Outcome
from conformance.journal.records import Body, Location
from conformance.monitors.monitor import ABSENT, Collector, Deviation, clip, json_of, rule
from conformance.monitors.schema_violations import accepts, problems_outside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.contract.document import Validator
    from conformance.contract.operations import Stream, StreamEnd
    from conformance.journal.records import StreamFrame
    from conformance.monitors.answer import Answered
    from conformance.monitors.monitor import MonitorResult
    from conformance.monitors.traffic import Traffic

# One stream that is cut may be the network's fault.
_CUT_TWICE: Final = 2


@rule("stream-ends")
def stream_ends(traffic: Traffic) -> MonitorResult:
    """
    A stream comes to its last frame, and nothing follows it but another end that the conventions name.

    A stream in which the target says that something went wrong owes no such frame. One that the connection cut
    counts only where no stream of the operation came to its end, and another one was cut as well.
    """
    collector = Collector()
    for operation, conventions in traffic.contract.conventions.operations.items():
        if conventions.stream is None:
            continue
        streams = [answered for answered in traffic.answers_to(operation) if _is_judged(answered, conventions.stream)]
        cut = [answered for answered in streams if answered.exchange.failure is not None]
        whole = [answered for answered in streams if answered.exchange.failure is None]
        for answered in whole:
            collector.decide(_end_fault(answered, conventions.stream), answered.id)
        if len(cut) >= _CUT_TWICE and not whole:
            sentence = f"expected {cut[0].label} to end, but every one of {len(cut)} streams was cut"
            place = Location("body", "", "the frame that ends the stream, at its end", "a stream that was cut")
            collector.fail(Deviation(sentence, place), *(answered.id for answered in cut))
    return collector.judged()


def frame_faults(answered: Answered, validator: Validator, stream: Stream) -> Iterator[Deviation]:
    """
    What is wrong with single frames, where the document describes what one holds.

    A schema that the whole stream fits as one text describes no frames, and a text that ends the stream is none of
    its values.
    """
    if accepts(validator, answered.response.body.text):
        return
    for frame, value in frame_values(answered):
        if stream.ends_as_text(frame.data):
            continue
        if value is ABSENT:
            sentence = f"expected JSON in every frame of {answered.label}, got {clip(frame.data)!r}"
            yield Deviation(sentence, Location("body", "", "JSON in every frame", clip(frame.data)))
            continue
        for pointer, message in problems_outside((), value, validator):
            place = f"{clip(pointer) or 'the top'} of a frame of {answered.label}"
            sentence = f"expected {place} as the document has it, but {clip(message)}"
            yield Deviation(sentence, Location("body", pointer, "what the document has there", clip(message)))


def frame_values(answered: Answered) -> Iterator[tuple[StreamFrame, object]]:
    """The frames of an answer, each with its JSON value, `ABSENT` where it is none."""
    for frame in answered.response.frames or ():
        content = frame.data.encode("utf-8", "replace")
        yield frame, json_of(Body(content, len(content)))


def _is_judged(answered: Answered, stream: Stream) -> bool:
    """Whether an answer is a stream that was cut, or one that says no error."""
    if answered.response.frames is None:
        return False
    read = answered.exchange.interpretation
    ends = any(_end_of(stream, frame, value) is not None for frame, value in frame_values(answered))
    return ends or read.outcome in (Outcome.ACCEPTED, Outcome.NO_ANSWER)


def _end_fault(answered: Answered, stream: Stream) -> Deviation | None:
    ends = [_end_of(stream, frame, value) for frame, value in frame_values(answered)]
    first = next((number for number, end in enumerate(ends) if end is not None), len(ends))
    # A text such as [DONE] may follow the value that completes a stream, but no frame ends a stream twice.
    closing = ends[first:]
    if closing and None not in closing and len(set(map(id, closing))) == len(closing):
        return None
    frames = answered.response.frames or ()
    got = f"{clip(frames[-1].data)} as the last of {len(frames)}" if frames else "no frame at all"
    if not closing:
        sentence = f"expected the frame that ends {answered.label}, got {got}"
    else:
        sentence = f"expected nothing after the frame that ends {answered.label}, got {got}"
    return Deviation(sentence, Location("body", "", "the frame that ends the stream, at its end", got))


def _end_of(stream: Stream, frame: StreamFrame, value: object) -> StreamEnd | None:
    return stream.end_of(frame.data, None if value is ABSENT else value)
