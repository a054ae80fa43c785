"""Values that travel as text, in a URL, a header or a form: how they are written, and how they may be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.generation.constraints import Constraint
    from conformance.generation.instances import Schemas

_LONGEST: Final = 4000


def written(value: Any) -> str | None:  # noqa: ANN401 - any value
    """A value as text; None for what has no text of its own: objects, lists, nothing at all."""
    if isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return json.dumps(value)
    return None


def texts_of(value: Any) -> tuple[str, ...] | None:  # noqa: ANN401 - any value
    """The texts of a value, several for a list of what has a text; None where they can't be written."""
    items = value if isinstance(value, list) else [value]
    texts = [written(item) for item in items]
    return None if not texts or None in texts else tuple(text for text in texts if text is not None)


def travels(value: Any, location: str) -> bool:  # noqa: ANN401 - any value
    """Whether a value gets through to its reader: what is empty reads as absent, and blanks at the ends are cut off."""
    texts = texts_of(value)
    if texts is None or any(not text or len(text) > _LONGEST for text in texts):
        return False
    if location == "query":
        return True
    plain = all(text == text.strip() and text.isascii() and text.isprintable() for text in texts)
    return plain and not any("," in text or ";" in text for text in texts if location != "path" or len(texts) > 1)


def takes_text(constraint: Constraint) -> bool:
    """Whether a constraint asks for a text, which everything is that travels as one."""
    types = constraint.demand if isinstance(constraint.demand, list) else [constraint.demand]
    return constraint.keyword == "type" and "string" in types


def reads_as_valid(schema: Any, value: Any, schemas: Schemas) -> bool:  # noqa: ANN401 - any schema, any value
    """Whether a reader may take the text of a value for something that fits the schema."""
    return any(schemas.accepts(schema, reading) for reading in _readings(value))


def field_reads_as_valid(schema: Any, value: Any, constraint: Constraint, schemas: Schemas) -> bool:  # noqa: ANN401
    """Whether a reader of a form may take the field that a constraint is about for something that fits the schema."""
    if not isinstance(value, dict):
        return True
    if not constraint.place:
        return bool(schemas.accepts(schema, value))
    name = constraint.place[0]
    return any(schemas.accepts(schema, {**value, name: reading}) for reading in _readings(value.get(str(name))))


def _readings(value: Any) -> Iterator[Any]:  # noqa: ANN401 - any value
    yield value
    if isinstance(value, list):
        yield [_raw(item) for item in value]
        yield [_parsed(_raw(item)) for item in value]
        if len(value) == 1:
            yield from _readings(value[0])
    else:
        yield _raw(value)
        yield _parsed(_raw(value))
        yield [value]


def _raw(value: Any) -> str:  # noqa: ANN401 - any value
    return value if isinstance(value, str) else json.dumps(value)


def _parsed(text: str) -> Any:  # noqa: ANN401 - any value
    try:
        return json.loads(text)
    except ValueError:
        return text
