"""A conformance suite for AI music HTTP APIs: which documented requirements a target meets, with the evidence."""

from __future__ import annotations

__version__ = "0.1.0"
