"""Keys stay out of variables, because pytest can print any variable."""

from __future__ import annotations

from tests.project.checkout import lines_containing

# Where a key is put on the wire, looked for in what is stored, and measured.
ALLOWED = (
    "conformance/cli/replay.py",
    "conformance/client/client.py",
    "conformance/client/presented.py",
    "conformance/journal/redaction.py",
    "conformance/target/settings.py",
)


def test_nobody_but_the_client_and_the_redactor_looks_at_a_key() -> None:
    revealing = [place for place in lines_containing(".reveal(") if place.startswith("conformance/")]

    assert revealing
    assert [place for place in revealing if not place.startswith(ALLOWED)] == []
