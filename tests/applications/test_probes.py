"""The applications of the benchmark have the faults that they say, one at a time, and none without."""

from __future__ import annotations

from collections import Counter

import pytest
from applications.faults import CLASSES, KINDS, kind
from applications.serving import in_process

FAULTS = [(name, fault) for name in KINDS for fault in kind(name).faults]


@pytest.mark.parametrize("name,fault", FAULTS)
def test_a_probe_tells_the_faulty_application_from_the_sound_one(name: str, fault: str) -> None:
    planted = kind(name).faults[fault]

    assert planted.probe(in_process(kind(name), fault))
    assert not planted.probe(in_process(kind(name)))


def test_ten_applications_have_twelve_faults_each_of_all_classes() -> None:
    classes = Counter(kind(name).faults[fault].kind for name, fault in FAULTS)

    assert [len(kind(name).faults) for name in KINDS] == [12] * 10
    assert set(classes) == set(CLASSES)
    assert min(classes.values()) >= 8


def test_a_fault_names_operations_of_the_document_and_says_what_it_is() -> None:
    for name, fault in FAULTS:
        planted = kind(name).faults[fault]
        known = {f"{method.upper()} {path}" for path, method in kind(name).operations}
        assert planted.says
        assert planted.operations
        assert set(planted.operations) - known <= {text.replace("GET", "HEAD") for text in known}
