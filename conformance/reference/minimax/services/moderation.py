"""Content that is refused as sensitive."""

from __future__ import annotations

from conformance.reference.minimax.errors import SensitiveInputError

SENSITIVE_TEXT = "sensitive content for testing"
"""A text that stands for all that may not be sung about; the control interface tells testers of it."""


class Moderation:
    """Reads texts before they are used."""

    text = SENSITIVE_TEXT

    def check(self, *texts: str | None) -> None:
        """Refuse texts with sensitive content; raises SensitiveInputError."""
        if any(text is not None and self.text in text for text in texts):
            raise SensitiveInputError
