from __future__ import annotations

import pytest

from conformance.mutants.shares import NoShareError, share_of

THINGS = tuple(range(11))


def test_no_share_is_everything() -> None:
    assert share_of(THINGS, "") == THINGS


def test_a_share_is_every_nth_thing() -> None:
    assert share_of(THINGS, "3/4") == (3, 7)


@pytest.mark.parametrize("parts", [1, 2, 8, 20])
def test_all_shares_together_are_everything_once(parts: int) -> None:
    shares = [share_of(THINGS, f"{position}/{parts}") for position in range(parts)]

    assert sorted(thing for share in shares for thing in share) == list(THINGS)


def test_a_share_that_only_counts_up_comes_round_again() -> None:
    assert share_of(THINGS, "9/4") == share_of(THINGS, "1/4")


@pytest.mark.parametrize("text", ["half", "1", "1/0", "-1/2", "1/2/3", " 1/2"])
def test_what_is_no_share_is_refused(text: str) -> None:
    with pytest.raises(NoShareError, match="write one as 3/8"):
        share_of(THINGS, text)
