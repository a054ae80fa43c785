from __future__ import annotations

import subprocess
import sys
from configparser import ConfigParser
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from tests.project.checkout import ROOT, kept_files

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    with ZipFile(next(folder.glob("*.whl"))) as archive:
        yield archive


def test_the_wheel_carries_every_file_of_the_package(wheel: ZipFile) -> None:
    names = (path.relative_to(ROOT).as_posix() for path in kept_files())
    package = {name for name in names if name.startswith("conformance/")}

    assert package
    assert package - set(wheel.namelist()) == set()


def test_the_wheel_carries_the_documents_inside_the_package(wheel: ZipFile) -> None:
    documents = {
        f"conformance/_specs/{path.relative_to(ROOT / 'specs').as_posix()}"
        for path in kept_files()
        if path.is_relative_to(ROOT / "specs")
    }

    assert documents
    assert documents - set(wheel.namelist()) == set()


def test_the_wheel_puts_nothing_beside_the_package(wheel: ZipFile) -> None:
    folders = {name.partition("/")[0] for name in wheel.namelist()}

    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"conformance"}


def test_the_wheel_announces_the_command_and_the_pytest_plugin(wheel: ZipFile) -> None:
    announced = ConfigParser()
    announced.read_string(
        next(wheel.read(name).decode() for name in wheel.namelist() if name.endswith("entry_points.txt"))
    )

    assert dict(announced["console_scripts"]) == {"conformance": "conformance.cli.main:main"}
    assert dict(announced["pytest11"]) == {"conformance": "conformance.plugin.entry"}
