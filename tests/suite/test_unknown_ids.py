"""Ids of tasks that nobody made have the form of those that somebody made."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.suite.any_api.creating import unlike

FORMS = {
    "uuid": "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}",
    "prefixed": "task_[a-z0-9]{12}",
    "number": "[1-9][0-9]{5,12}",
    "letters": "[A-Z]{3}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_an_unknown_id_keeps_the_form_of_the_known_one(form: str) -> None:
    @given(st.from_regex(f"\\A(?:{form})\\Z"))
    def holds(known: str) -> None:
        assert unlike(known) != known
        assert len(unlike(known)) == len(known)

    holds()


@given(st.from_regex(rf"\A(?:{FORMS['uuid']})\Z"))
def test_what_is_hexadecimal_stays_so(known: str) -> None:
    assert re.fullmatch(FORMS["uuid"], unlike(known))


@given(st.text(alphabet=st.sampled_from("abcXYZ0189-_/é"), min_size=1).filter(lambda text: text.isascii()))
def test_each_letter_and_digit_is_exchanged_for_one_of_its_kind(known: str) -> None:
    kinds = [(str.isdigit, str.isdigit), (str.islower, str.islower), (str.isupper, str.isupper)]

    for before, after in zip(known, unlike(known), strict=True):
        assert before == after or any(of_known(before) and of_other(after) for of_known, of_other in kinds)
