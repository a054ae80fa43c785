"""Small schemas drawn by Hypothesis, of everything that the constraint walk knows how to break by counting."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["title", "tempo", "tags", "mode", "voice"])
Schema = dict[str, Any]


@st.composite
def texts(draw: st.DrawFn) -> Schema:
    least, more = draw(st.integers(0, 4)), draw(st.integers(0, 6))
    rules = {"minLength": least, "maxLength": least + more}
    return {"type": "string", **draw(_some_of(rules))}


@st.composite
def numbers(draw: st.DrawFn) -> Schema:
    least, more = draw(st.integers(-20, 20)), draw(st.integers(2, 20))
    kind = draw(st.sampled_from(["integer", "number"]))
    names = draw(st.sampled_from([("minimum", "maximum"), ("exclusiveMinimum", "exclusiveMaximum")]))
    return {"type": kind, **draw(_some_of({names[0]: least, names[1]: least + more}))}


def listed() -> st.SearchStrategy[Schema]:
    members = st.lists(st.sampled_from(["a", "b", "cd", "", 1, 2.5, True, None]), min_size=1, max_size=4, unique=True)
    return members.map(lambda found: {"enum": found}) | st.sampled_from([{"const": "x"}, {"const": 3}])


def matched() -> st.SearchStrategy[Schema]:
    patterns = ["^[a-z]{2,5}$", "^task_[a-z0-9]{4,32}$", "^[A-Za-z0-9._-]{1,64}$", "^#[0-9a-f]{6}$"]
    formats = ["date-time", "date", "uuid", "email", "ipv4"]
    return st.sampled_from([{"type": "string", "pattern": pattern} for pattern in patterns]) | st.sampled_from(
        [{"type": "string", "format": name} for name in formats]
    )


def leaves() -> st.SearchStrategy[Schema]:
    return texts() | numbers() | listed() | matched() | st.just({"type": "boolean"})


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    least, more = draw(st.integers(0, 2)), draw(st.integers(1, 3))
    return {"type": "array", "items": draw(inner), **draw(_some_of({"minItems": least, "maxItems": least + more}))}


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    parts = draw(st.dictionaries(NAMES, inner, min_size=1, max_size=3))
    required = draw(st.lists(st.sampled_from(sorted(parts)), unique=True))
    closed = draw(st.sampled_from([{}, {"additionalProperties": False}]))
    return {"type": "object", "properties": parts, **closed, **({"required": required} if required else {})}


def alternatives(inner: st.SearchStrategy[Schema]) -> st.SearchStrategy[Schema]:
    """A schema or nothing, as documents say it when a field may be null."""
    typed = inner.filter(lambda schema: "type" in schema)
    return st.tuples(st.sampled_from(["anyOf", "oneOf"]), typed).map(lambda two: {two[0]: [two[1], {"type": "null"}]})


def schemas() -> st.SearchStrategy[Schema]:
    """Objects of any of these, three levels deep at most."""
    flat = leaves() | alternatives(leaves())
    nested = flat | arrays(flat) | objects(flat) | alternatives(objects(flat))
    return objects(nested)


def _some_of(rules: Schema) -> st.SearchStrategy[Schema]:
    return st.sets(st.sampled_from(sorted(rules))).map(lambda names: {name: rules[name] for name in sorted(names)})
