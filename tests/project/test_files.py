from __future__ import annotations

from pathlib import Path

from tests.project.checkout import HOMES_OF_A_SYSTEM, ROOT, kept_files, lines_containing, systems

LONGEST_FILE = 450


def test_no_file_names_a_path_of_the_machine_it_was_written_on() -> None:
    # A path of one name, such as "/app", stands in too many innocent texts.
    places = {str(place) for place in (ROOT, Path.home()) if len(place.parts) > 2}

    assert lines_containing(*places) == []


def test_no_file_names_the_host_of_a_package_registry() -> None:
    hosts = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]

    assert lines_containing(*hosts) == []


def test_no_python_file_is_too_long_to_be_read_at_once() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in kept_files()
        if path.suffix == ".py"
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_the_core_names_no_system() -> None:
    homes = tuple(f"{home}/{system}/" for home in HOMES_OF_A_SYSTEM for system in systems())
    mentions = [place for place in lines_containing(*systems()) if place.startswith("conformance/")]

    assert systems()
    assert [place for place in mentions if not place.startswith(homes)] == []
