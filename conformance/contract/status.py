"""HTTP statuses as OpenAPI writes them."""

from __future__ import annotations


def matches_status(pattern: str, code: int) -> bool:
    """Whether an HTTP status falls under an OpenAPI response key such as `404`, `4XX` or `default`."""
    if pattern == "default":
        return True
    return all(want in ("X", "x", have) for want, have in zip(pattern, str(code), strict=False))
