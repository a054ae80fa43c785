"""Where the API of this system is served, and how its mutants alter what it answers."""

from __future__ import annotations

from typing import Final

from conformance.mutants.rewriting import rewriter_of

_REWRITER: Final = rewriter_of("beatra")
BASE_PATH: Final = _REWRITER.base_path
rewriting: Final = _REWRITER.everywhere
in_errors: Final = _REWRITER.in_errors
