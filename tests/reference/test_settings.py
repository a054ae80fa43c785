from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from conformance.reference.beatra.settings import ReferenceSettings
from conformance.reference.parts.settings import BadSettingError
from tests.reference.sandbox import Account, Sandbox

if TYPE_CHECKING:
    from pathlib import Path

KEY = "sk-" + "a" * 32


def test_settings_come_from_the_environment(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.touch()
    settings = ReferenceSettings.from_environment(
        {
            "CONFORMANCE_REFERENCE_MAIN_KEY": KEY,
            "CONFORMANCE_REFERENCE_SCOPE": "target",
            "CONFORMANCE_REFERENCE_STARTING_CREDITS": "5.5",
            "CONFORMANCE_REFERENCE_RUNNING_SECONDS": "0.1",
            "CONFORMANCE_REFERENCE_DOCUMENT": str(document),
            "CONFORMANCE_REFERENCE_AUDIO_URL": "https://localhost/a.wav",
        }
    )

    assert (settings.main_key, settings.scope, settings.starting_credits) == (KEY, "target", Decimal("5.5"))
    assert (settings.running_seconds, settings.queued_seconds) == (0.1, 2.0)
    assert (settings.document, settings.audio_url) == (document, "https://localhost/a.wav")


@pytest.mark.parametrize(
    "name, value",
    [
        ("SCOPE", "world"),
        ("MAIN_KEY", "secret"),
        ("QUEUED_SECONDS", "-1"),
        ("RUNNING_SECONDS", "long"),
        ("RUNNING_SECONDS", "nan"),
        ("STARTING_CREDITS", "much"),
        ("STARTING_CREDITS", "-1"),
        ("DOCUMENT", "/nowhere/openapi.yaml"),
        ("FETCH_CA", "/nowhere/ca.pem"),
        ("FETCH_ALLOW", "http://localhost"),
    ],
)
def test_a_setting_that_can_not_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettingError):
        ReferenceSettings.from_environment({f"CONFORMANCE_REFERENCE_{name}": value})


def test_keys_do_not_show_in_the_settings_repr() -> None:
    assert "sk-" not in repr(ReferenceSettings(main_key=KEY))


def test_accounts_start_with_the_credits_that_were_set() -> None:
    with Sandbox(ReferenceSettings(main_key=KEY, starting_credits=Decimal("12.5"))) as sandbox:
        assert Account(sandbox, KEY).balance() == sandbox.new_account().balance() == "12.5000"
