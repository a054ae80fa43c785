"""One paid task serves many: whoever needs it, in whichever process, and whoever makes it in the end."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from conformance.client.errors import ReservationError
from conformance.client.transports.base import NoAnswerError
from tests.cli.runs import CHECKOUT
from tests.client.bench import PATIENCE_SECONDS, answer
from tests.client.buyers import KEEPS_LOUD
from tests.client.shop import Shop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conformance.client.transports.base import Incoming, Outgoing
    from tests.client.buyers import Buyer
    from tests.client.conftest import Hire

# Another process of the run, which says when its request has arrived and waits before it answers.
BUYING = """
import sys
from pathlib import Path
from tests.client.bench import headers_of
from tests.client.buyers import KEEPS_LOUD, open_buyer
from tests.client.shop import Shop

folder, shop = Path(sys.argv[1]), Shop()

def slow(outgoing):
    if outgoing.method == "POST":
        (folder / "asked").write_bytes(headers_of(outgoing, "Once-Key")[0].encode() + outgoing.content)
        print("sent", flush=True)
        sys.stdin.readline()
    return shop(outgoing)

buyer = open_buyer(folder, slow, worker="gw1")
with buyer.admitted(KEEPS_LOUD):
    print(buyer.bought().id, flush=True)
"""


@contextmanager
def another_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that is about to be answered."""
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        [sys.executable, "-c", BUYING, str(folder)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "sent\n"
        yield process
        process.kill()


def bought(buyer: Buyer) -> str:
    """The id of the exchange of the one song that everybody wants."""
    with buyer.admitted(KEEPS_LOUD):
        return buyer.bought().id


def test_it_is_made_once_for_all_scenarios_of_a_process(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)

    assert len({bought(buyer) for _ in range(3)}) == 1
    assert len(shop.songs) == 1


def test_each_name_is_a_purchase_of_its_own(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with buyer.admitted(KEEPS_LOUD):
        assert buyer.bought(name="one").id != buyer.bought(name="another").id
    assert len(shop.songs) == 2


def test_two_processes_share_it(hire: Hire, tmp_path: Path) -> None:
    shop = Shop()
    with another_process(tmp_path / "run") as other:
        assert other.stdin is not None

        def let_it_be_answered(_seconds: float) -> None:
            if not other.stdin.closed:  # type: ignore[union-attr]
                other.communicate("\n", PATIENCE_SECONDS)

        buyer = hire(shop, sleep=let_it_be_answered)
        exchange = bought(buyer)

    assert exchange.startswith("gw1-")
    assert shop.songs == {}
    assert [task.kept for task in buyer.ledger.tasks()] == [True]


def test_who_takes_over_from_a_process_that_was_killed_sends_the_same_with_the_same_key(
    hire: Hire, tmp_path: Path
) -> None:
    shop = Shop()
    with another_process(tmp_path / "run") as other:

        def kill(_seconds: float) -> None:
            other.kill()
            other.wait()

        buyer = hire(shop, sleep=kill)
        exchange = bought(buyer)

    assert exchange.startswith("gw0-")
    assert [shop.keys[0].encode() + shop.bodies[0]] == [(tmp_path / "run" / "asked").read_bytes()]
    # Both requests had one key, so there is one task: nothing is lost any more.
    assert buyer.ledger.lost() == ()
    assert buyer.ledger.balance().exposure == shop.exposure


def test_of_many_threads_one_makes_it(hire: Hire) -> None:
    shop, found = Shop(), set[str]()
    naps = threading.Semaphore(0)
    buyer = hire(shop, sleep=lambda _: naps.acquire(timeout=0.01))
    threads = [threading.Thread(target=lambda: found.add(bought(buyer))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert len(found) == len(shop.songs) == 1


def test_an_answer_that_got_lost_is_asked_for_again(hire: Hire) -> None:
    shop = Shop(mute=True)

    def answering_the_second_time(outgoing: Outgoing) -> Incoming:
        try:
            return shop(outgoing)
        except NoAnswerError:
            shop.mute = False
            raise

    buyer = hire(answering_the_second_time)
    with buyer.admitted(KEEPS_LOUD):
        assert buyer.bought().status == 202
    assert len(set(shop.keys)) == len(shop.songs) == 1
    assert buyer.ledger.balance().exposure == shop.exposure


def test_a_refusal_is_the_answer_for_all(hire: Hire) -> None:
    asked: list[str] = []

    def refusing(outgoing: Outgoing) -> Incoming:
        asked.append(outgoing.url)
        return answer(402, {"fault": {"kind": "broke"}})

    buyer = hire(refusing)
    assert bought(buyer) == bought(buyer)
    assert len(asked) == 1


def test_what_could_not_be_sent_is_left_for_the_next(hire: Hire) -> None:
    shop = Shop()
    buyer = hire(shop)
    with pytest.raises(ReservationError):
        buyer.bought()

    assert bought(buyer)
    assert len(shop.songs) == 1


def test_a_run_that_repeats_another_gets_its_task_by_its_key(hire: Hire) -> None:
    shop = Shop()
    earlier = hire(shop, "earlier")
    bought(earlier)
    shop.finish()
    later = hire(shop, "later", run_tag="r2")
    later.ledger.inherit(earlier.ledger)
    bought(later)

    assert len(shop.songs) == 1
    assert len(set(shop.keys)) == len(set(shop.bodies)) == 1
    assert later.ledger.balance().exposure == 0


def test_once_its_key_is_forgotten_it_is_made_and_paid_for_anew(hire: Hire) -> None:
    earlier = hire(Shop(), "earlier")
    bought(earlier)
    fresh = Shop()

    def other_ids(outgoing: Outgoing) -> Incoming:
        made = fresh(outgoing)
        return answer(made.status, made.content.replace(b'"s1"', b'"n1"'))

    later = hire(other_ids, "later")
    later.ledger.inherit(earlier.ledger)
    bought(later)

    assert later.ledger.balance().exposure == 30


def test_the_key_of_a_purchase_is_new_in_every_run(hire: Hire) -> None:
    shop = Shop()
    for worker in ("gw0", "gw1"):
        bought(hire(shop, folder=worker, worker=worker))

    assert len(set(shop.keys)) == 2
