"""What a document says about its resources: which operation makes one, reads it, lists it, changes it, ends it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import jsonpointer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


_PARAMETER: Final = re.compile(r"\{([^{}]+)\}")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words that say that a value names something, not what it names.
_NAMING: Final = frozenset({"id", "ids", "uuid", "guid", "key", "name", "slug", "code", "number", "no", "identifier"})
# What a member that names its own object is called where it does not bear the object's name.
_PLAIN_IDS: Final = ("id", "uuid", "guid", "_id", "key", "slug", "name", "code")
# Of these, what a client chooses itself.
_CHOSEN_IDS: Final = ("key", "slug", "name", "code")
SCALARS: Final = frozenset({"string", "integer", "number"})
_SUCCESS: Final = re.compile("2..")
_CREATED: Final = "201"
_JSON: Final = re.compile(r"application/(?:.+\+)?json")
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Described:
    """One operation of a document in the shape that the suite reads: its path, its method and what is said of it."""

    path: str
    method: str
    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The operation's id."""
        return str(self.raw["operationId"])


@dataclass(frozen=True, slots=True)
class Resource:
    """
    A kind of thing at the target.

    `collection` is the path of all of them, `item` the path of one, whose last parameter is `parameter`. `create` makes
    one at the collection; or under a name that the client gives it, which then is the same operation as `replace`.
    The answer to `create` has its value at the JSON pointer `pointer`; with `named_in_request` the answer shows
    nothing, and the body of the request has it there. The others are ids of operations, None where the document has
    no such operation. `items` is the JSON pointer of the array in an answer of `list`.
    """

    noun: str
    collection: str
    item: str
    parameter: str
    pointer: str
    create: str
    read: str | None = None
    list: str | None = None
    items: str | None = None
    replace: str | None = None
    modify: str | None = None
    delete: str | None = None
    named_in_request: bool = False

    @property
    def place(self) -> str:
        """Where a link finds what names a thing: in the answer to its making, or in the request for it."""
        return f"${'request' if self.named_in_request else 'response'}.body#{self.pointer}"

    @property
    def named_by_client(self) -> bool:
        """Whether a client gives a thing its name by making it at its own path."""
        return self.create == self.replace


class ResourceGraph:
    """The resources of a document, and which of them each place of a request names."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self._content = content

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Every resource whose making hands out what its path needs, in the order of the document."""
        items = dict.fromkeys(path for path in self._content["paths"] if _ends_in_parameter(path))
        found = (self._resource(item) for item in items)
        return tuple(resource for resource in found if resource is not None)

    @cached_property
    def _by_item(self) -> Mapping[str, Resource]:
        return {_anonymous(resource.item): resource for resource in self.resources}

    @cached_property
    def _by_noun(self) -> Mapping[str, Resource]:
        found: dict[str, Resource] = {}
        for resource in sorted(self.resources, key=lambda resource: resource.collection.count("/")):
            found.setdefault(resource.noun, resource)
        return found

    def of_path(self, path: str) -> tuple[tuple[str, Resource], ...]:
        """The parameters of a path that name a resource, from left to right, with the resource."""
        found: list[tuple[str, Resource]] = []
        for match in _PARAMETER.finditer(path):
            prefix = path[: match.end()]
            known = self._by_item.get(_anonymous(prefix)) or self._by_noun.get(_noun_of(prefix, match[1]))
            if known is not None:
                found.append((match[1], known))
        return tuple(found)

    def of_body(self, operation: Mapping[str, Any]) -> tuple[tuple[str, Resource], ...]:
        """The places of an operation's JSON body that name a resource by their name ("room_id"), with the resource."""
        schema = self._body_schema(operation)
        if schema is None:
            return ()
        found: list[tuple[str, Resource]] = []
        for name, member in self._properties(schema).items():
            noun = words_of(name)
            if len(noun) > 1 and noun[-1] in _NAMING and "_".join(noun[:-1]) in self._by_noun:
                known = self._by_noun["_".join(noun[:-1])]
                kind = self._kind(member)
                if noun[-1] in ("id", "ids", "uuid", "key", "slug", known.pointer.rpartition("/")[2]):
                    place = f"/{name}/0" if kind == "array" else f"/{name}"
                    found.append((place, known))
        return tuple(found)

    def raw(self, operation_id: str) -> Described:
        """An operation as the document describes it."""
        return next(
            Described(path, method, raw)
            for path, item in self._content["paths"].items()
            for method, raw in item.items()
            if raw["operationId"] == operation_id
        )

    def item_members(self, resource: Resource) -> Mapping[str, Mapping[str, Any]]:
        """The members of one item in an answer of the list, by name, each with its schema."""
        schema = None if resource.list is None else self._answer_schema(self.raw(resource.list).raw)
        if schema is None or resource.items is None:
            return {}
        holder = schema if resource.items == "" else self._properties(schema).get(resource.items[1:], {})
        return self._properties(self._merged(holder.get("items", {})))

    def list_members(self, resource: Resource) -> Mapping[str, Mapping[str, Any]]:
        """The members of an answer of the list itself, by name, each with its schema."""
        schema = None if resource.list is None else self._answer_schema(self.raw(resource.list).raw)
        return {} if schema is None else self._properties(schema)

    def sent_members(self, operation_id: str) -> Mapping[str, Mapping[str, Any]]:
        """The members of an operation's JSON body that a client sets, by name, each with its schema."""
        schema = self._body_schema(self.raw(operation_id).raw)
        found = {} if schema is None else self._properties(schema)
        return {name: member for name, member in found.items() if not member.get("readOnly")}

    def shown_members(self, resource: Resource) -> Mapping[str, Mapping[str, Any]]:
        """The members that one thing has when it is read, by name, each with its schema."""
        schema = None if resource.read is None else self._answer_schema(self.raw(resource.read).raw)
        if schema is None:
            return {}
        members = self._properties(schema)
        within = resource.pointer.split("/")[1:-1]
        return self._properties(members[within[0]]) if within and within[0] in members else members

    def assigned_members(self, resource: Resource) -> Mapping[str, Mapping[str, Any]]:
        """
        The plain members of a thing that the target sets itself, by name: shown, but not for a client to send.

        None where the document lets a request have no other members than its own.
        """
        schema = self._body_schema(self.raw(resource.create).raw)
        if (
            schema is None
            or schema.get("additionalProperties") is False
            or schema.get("unevaluatedProperties") is False
        ):
            return {}
        sent = {*self.sent_members(resource.create)}
        for name in filter(None, (resource.replace, resource.modify)):
            sent |= {*self.sent_members(name)}
        if resource.named_by_client:
            sent.add(resource.pointer.rpartition("/")[2])
        shown = self.shown_members(resource)
        return {name: m for name, m in shown.items() if name not in sent and self._kind(m) in (*SCALARS, "boolean")}

    def defaults(self, resource: Resource) -> Mapping[str, Any]:
        """What a thing has when it is read for the members that may be left out and have a default."""
        schema = self._body_schema(self.raw(resource.create).raw)
        if schema is None or "discriminator" in schema:
            return {}
        shown = self.shown_members(resource)
        return {
            name: member["default"]
            for name, member in self._properties(schema).items()
            if "default" in member and name not in schema.get("required", ()) and name in shown
        }

    def members_of(self, schema: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """The members of an object by its schema, by name, each with its schema."""
        return self._properties(schema)

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """A schema with what it refers to."""
        return self._merged(schema)

    def kind_of(self, schema: Mapping[str, Any]) -> str:
        """The one JSON type of a schema beside null; empty where it has several or none."""
        return self._kind(self._merged(schema))

    def _resource(self, item: str) -> Resource | None:
        parameter = _PARAMETER.findall(item)[-1]
        noun = _noun_of(item, parameter)
        maker = self._maker(item, noun)
        if maker is None:
            return None
        answered = self._identity(maker, parameter, noun)
        pointer = self._sent_identity(maker, parameter) if answered is None else answered
        if pointer is None:
            return None
        operations = self._content["paths"][item]
        collection = self._collection(item, maker)
        listing = self._operation(collection, "get")
        items = None if listing is None else self._array(listing)
        return Resource(
            noun=noun,
            collection=collection,
            item=item,
            parameter=parameter,
            pointer=pointer,
            create=maker.id,
            read=_id_of(operations, "get"),
            list=None if listing is None or items is None else listing.id,
            items=items,
            replace=_id_of(operations, "put"),
            modify=_id_of(operations, "patch"),
            delete=_id_of(operations, "delete"),
            named_in_request=answered is None,
        )

    def _collection(self, item: str, maker: Described) -> str:
        """The path of all things: that of their making, or the one above a thing's own where these are listed there."""
        above = item.rpartition("/")[0]
        listed_above = self._operation(maker.path, "get") is None and self._operation(above, "get") is not None
        return above if maker.path == item or listed_above else maker.path

    def _maker(self, item: str, noun: str) -> Described | None:
        """
        What makes a thing: a POST to the path that its own continues, else one to a collection of the same name.

        A POST elsewhere whose answer a link of the document leads on from makes one as well: jobs are ordered at one
        path and read at another. Where there is neither, a PUT to its own path that may be answered as one that made
        something (RFC 9110, 9.3.4).
        """
        own = self._operation(item.rpartition("/")[0], "post")
        if own is not None:
            return own
        linking = self._linking_to(item)
        if linking is not None:
            return linking
        alike = sorted(
            (path for path in self._content["paths"] if not _ends_in_parameter(path) and _noun_of_last(path) == noun),
            key=lambda path: path.count("/"),
        )
        put = self._operation(item, "put")
        own = put if put is not None and _CREATED in map(str, put.raw["responses"]) else None
        return next((made for made in (self._operation(path, "post") for path in alike) if made is not None), own)

    def _linking_to(self, item: str) -> Described | None:
        """The POST whose answers link to the reading of a thing; of several the one that needs fewest others."""
        read = self._operation(item, "get")
        if read is None:
            return None
        parameters = set(_PARAMETER.findall(item))
        found = [
            Described(path, "post", operations["post"])
            for path, operations in self._content["paths"].items()
            if "post" in operations and not path.startswith(f"{item}/")
            for link in _links_of(operations["post"])
            if link.get("operationId") == read.id and parameters <= set(link.get("parameters", ()))
        ]
        return min(found, key=lambda made: self._needs(made.id), default=None)

    def _needs(self, operation_id: str) -> int:
        """How many operations hand an operation what its request names, as links of the document say."""
        return sum(
            link.get("operationId") == operation_id
            for operations in self._content["paths"].values()
            for raw in operations.values()
            for link in _links_of(raw)
        )

    def _operation(self, path: str, method: str) -> Described | None:
        raw = self._content["paths"].get(path, {}).get(method)
        return None if raw is None else Described(path, method, raw)

    def _identity(self, maker: Described, parameter: str, noun: str) -> str | None:
        """Where the answer of what makes a thing has the value that the thing's path needs."""
        schema = self._answer_schema(maker.raw)
        if schema is None:
            return None
        direct = self._identity_in(schema, parameter, noun)
        if direct is not None:
            return f"/{escaped(direct)}"
        for name, member in self._properties(schema).items():
            inner = self._identity_in(member, parameter, noun) if self._kind(member) == "object" else None
            if inner is not None:
                return f"/{escaped(name)}/{escaped(inner)}"
        return None

    def _sent_identity(self, maker: Described, parameter: str) -> str | None:
        """
        Where the request that makes a thing must name it, for an answer that says nothing of it.

        The member bears the name of the parameter, or is called what names are called ("name" for "tenant").
        """
        schema, answer = self._body_schema(maker.raw), self._answer_schema(maker.raw) or {}
        may_tell = any(answer.get(name) for name in ("properties", "oneOf", "anyOf"))
        if schema is None or maker.method != "post" or may_tell:
            return None
        required = [n for n in schema.get("required", ()) if self._kind(self._properties(schema).get(n, {})) in SCALARS]
        wanted = words_of(parameter)
        named = [name for name in required if words_of(name) == wanted]
        plain = [name for known in _CHOSEN_IDS for name in required if name.lower() == known]
        return next((f"/{escaped(name)}" for name in (*named, *plain)), None)

    def _identity_in(self, schema: Mapping[str, Any], parameter: str, noun: str) -> str | None:
        scalars = [name for name, member in self._properties(schema).items() if self._kind(member) in SCALARS]
        wanted = words_of(parameter)
        named = [name for name in scalars if name == parameter] or [n for n in scalars if words_of(n) == wanted]
        with_noun = [name for name in scalars if words_of(name) == (*noun.split("_"), "id")]
        last = wanted[-1] if wanted else ""
        tail = [name for name in scalars if name.lower() == last and last in _NAMING and last != "id"]
        plain = [name for known in _PLAIN_IDS for name in scalars if name.lower() == known]
        return next(iter((*named, *tail, *with_noun, *plain)), None)

    def _array(self, listing: Described) -> str | None:
        """Where an answer has the list of things: the answer itself, or the one array of objects in it."""
        schema = self._answer_schema(listing.raw)
        if schema is None:
            return None
        if self._kind(schema) == "array":
            return ""
        arrays = [name for name, member in self._properties(schema).items() if self._kind(member) == "array"]
        return f"/{escaped(arrays[0])}" if len(arrays) == 1 else None

    def _answer_schema(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for key, answer in operation["responses"].items():
            if _SUCCESS.fullmatch(str(key)):
                for name, media in answer.get("content", {}).items():
                    if _JSON.fullmatch(name):
                        return self._merged(media.get("schema", {}))
        return None

    def _body_schema(self, operation: Mapping[str, Any]) -> Mapping[str, Any] | None:
        for name, media in operation.get("requestBody", {}).get("content", {}).items():
            if _JSON.fullmatch(name):
                return self._merged(media.get("schema", {}))
        return None

    def _properties(self, schema: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
        found = self._merged(schema).get("properties", {})
        return {name: self._merged(member) for name, member in found.items() if isinstance(member, dict)}

    def _kind(self, schema: Mapping[str, Any]) -> str:
        kinds = schema.get("type", "object" if "properties" in schema else "")
        named = [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if kind != "null"]
        return str(named[0]) if len(named) == 1 else ""

    def _merged(self, schema: Mapping[str, Any], depth: int = 0) -> Mapping[str, Any]:
        """A schema with what it refers to and with the parts of `allOf`, as far as they name members."""
        if depth > _DEEPEST or not isinstance(schema, dict):
            return {}
        if "$ref" in schema:
            target = jsonpointer.resolve_pointer(self._content, str(schema["$ref"]).removeprefix("#"), {})
            return self._merged({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, depth + 1)
        single = _only_real(schema)
        if single is not None:
            return self._merged(single, depth + 1)
        merged: dict[str, Any] = {name: value for name, value in schema.items() if name != "allOf"}
        for part in schema.get("allOf", ()):
            inner = self._merged(part, depth + 1)
            merged = {**inner, **merged, "properties": {**inner.get("properties", {}), **merged.get("properties", {})}}
            merged["required"] = [*inner.get("required", ()), *merged.get("required", ())]
        return merged


def _only_real(schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The one alternative of a schema beside null."""
    for keyword in ("anyOf", "oneOf"):
        parts = [part for part in schema.get(keyword, ()) if isinstance(part, dict) and part.get("type") != "null"]
        if len(parts) == 1:
            return parts[0]
    return None


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, in whatever way they are joined ("bookingId" → booking, id)."""
    return tuple(word.lower() for word in _WORD.findall(name))


def singular(word: str) -> str:
    """The singular of an English noun, as far as its end tells."""
    if word.endswith("ies") and len(word) > len("dies"):
        return f"{word[:-3]}y"
    if word.endswith(("sses", "xes", "ches", "shes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _noun_of(path: str, parameter: str) -> str:
    """What a parameter names: its own words but for "id", else the singular of what stands before it in the path."""
    words = words_of(parameter)
    while words and words[-1] in _NAMING:
        words = words[:-1]
    return "_".join((*words[:-1], singular(words[-1]))) if words else _noun_of_last(path[: path.rindex("{")])


def _noun_of_last(path: str) -> str:
    fixed = [segment for segment in path.split("/") if segment and "{" not in segment]
    words = words_of(fixed[-1]) if fixed else ()
    return "_".join((*words[:-1], singular(words[-1]))) if words else ""


def _anonymous(path: str) -> str:
    return _PARAMETER.sub("{}", path)


def _ends_in_parameter(path: str) -> bool:
    return bool(_PARAMETER.fullmatch(path.rpartition("/")[2]))


def _id_of(operations: Mapping[str, Any], method: str) -> str | None:
    return str(operations[method]["operationId"]) if method in operations else None


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _links_of(operation: object) -> Iterator[Mapping[str, Any]]:
    answers = operation.get("responses", {}) if isinstance(operation, dict) else {}
    for answer in answers.values():
        yield from (link for link in answer.get("links", {}).values() if isinstance(link, dict))
