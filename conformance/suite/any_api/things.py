"""Making, reading, listing and changing things that a document describes, each with values that tell a lot."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urljoin, urlsplit

from conformance.client.errors import BlockedError, NotOfferedError
from conformance.client.request import path_of
from conformance.contract.external.relations import RelatedOperation, related
from conformance.contract.list_queries import paging_of
from conformance.contract.outcomes import Outcome
from conformance.contract.requirements import derived_id
from conformance.generation.cases import Case
from conformance.generation.freshening import freshened
from conformance.generation.instances import schemas_of
from conformance.generation.naming import named_anew
from conformance.generation.ordering import in_order
from conformance.generation.resources import LinkedValues, evaluated
from conformance.generation.walk import walk
from conformance.generation.walk_request import base_request_of, is_json
from conformance.suite.any_api.telling import telling_items, telling_values
from conformance.suite.generated import handed_over

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from conformance.accounts.account import Account
    from conformance.contract.contract import Contract
    from conformance.contract.document import Operation
    from conformance.contract.resources import Resource, ResourceGraph
    from conformance.generation.cases import Drawing
    from conformance.generation.instances import Schemas
    from conformance.journal.records import Exchange
    from conformance.suite.any_api.telling import Style

# No document says how soon a list, or a copy of what is stored, follows a change.
_PATIENCE_SECONDS: Final = (0.2, 0.8, 2)
_STYLES: Final[tuple[Style, ...]] = ("rich", "ends", "empty")
_CONDITION: Final = "if-match"
_MERGE_PATCH: Final = "application/merge-patch+json"
# So often a thing is made once more under another name, when it is in conflict with what is there.
_RENAMED: Final = 2
# So many bodies with few members are tried.
_FEW: Final = 3


_Asked = TypeVar("_Asked")


@dataclass(frozen=True, slots=True)
class Made:
    """A thing that was made: the body that was sent, its exchange, and the path values that name it."""

    body: Mapping[str, Any]
    exchange: Exchange
    path: Mapping[str, str]
    name: object


@dataclass(frozen=True, slots=True)
class Things:
    """The things of one resource, made and looked at with one account."""

    contract: Contract
    account: Account
    drawing: Drawing
    known: RelatedOperation

    @property
    def resource(self) -> Resource:
        """The resource."""
        return self.known.resource

    @property
    def graph(self) -> ResourceGraph:
        """All resources of the document."""
        return self.known.graph

    def operation(self, name: str | None) -> Operation:
        """An operation of the document (raises `NotOfferedError` where the document has none for this)."""
        if name is None:
            raise NotOfferedError(f"the document has no such operation for {self.resource.item}")
        return self.contract.document.operations[name]

    def parents(self) -> LinkedValues:
        """What must be there before a thing can be made."""
        return handed_over(self.contract, self.operation(self.resource.create), self.account, self.drawing)

    def make(
        self,
        parents: LinkedValues,
        values: Mapping[str, Any] | None = None,
        *,
        plain: bool = False,
        least: bool = False,
    ) -> Made:
        """
        A new thing, with these values of its body as far as the document allows them.

        Unless it is to be `plain` its texts, numbers, times and lists are ones that are easily spoilt; where such a
        thing is refused, it is plain after all. Of a thing with the `least` only what is required is sent.

        Raises:
            BlockedError: none was made.
        """
        operation = self.operation(self.resource.create)
        refused: Exchange | None = None
        for body in self._bodies(operation, values or {}, plain=plain, least=least):
            made = self._made(operation, parents, body)
            if isinstance(made, Made):
                return made
            refused = made
        shown = "" if refused is None else f": {refused.summary}"
        blocker = derived_id(self.contract.system, operation.id, "accepts")
        raise BlockedError(blocker, f"{operation.location} made nothing{shown}")

    def _made(self, operation: Operation, parents: LinkedValues, body: Mapping[str, Any]) -> Made | Exchange:
        if self.resource.named_by_client and self.resource.parameter not in parents.path:
            named = named_anew(self.contract.document, operation, self.account.fresh_key())
            parents = LinkedValues({**parents.path, **named}, parents.body)
        case = self._case(operation, parents, body)
        exchange = self._sent(case)
        for _ in range(_RENAMED):
            if exchange.outcome is not Outcome.CONFLICT:
                break
            if parents.body:
                # What it refers to may serve one thing only.
                parents = self.parents()
                case = self._case(operation, parents, body)
            kept = tuple(parents.body)
            other = freshened(self.contract.document, case, self.account.fresh_key(), longer=True, kept=kept)
            case = case if other is None else other
            exchange = self._sent(case)
        name = evaluated(self.resource.place, exchange) if exchange.accepted else None
        if not isinstance(name, str | int):
            return exchange
        return Made(json.loads(case.content), exchange, self._path(parents, name), name)

    def _sent(self, case: Case) -> Exchange:
        return self.account.send(case.prepared(self.account.client.base_url))

    def _path(self, parents: LinkedValues, name: object) -> Mapping[str, str]:
        return {**parents.path, self.resource.parameter: str(name)}

    def _bodies(
        self, operation: Operation, values: Mapping[str, Any], *, plain: bool, least: bool
    ) -> Iterator[Mapping[str, Any]]:
        """Bodies to make a thing with, the most telling one first."""
        base = self.body_of(operation, least=least)
        if least:
            # A rule that only prose states may ask for more than is required.
            yield from self._smallest(operation)
            return
        schemas, schema = self.schemas, self._schema(operation)
        wanted = base
        for name, value in values.items():
            changed = {**wanted, name: value}
            wanted = changed if schemas.accepts(schema, changed) else wanted
        if not plain:
            rich = self._styled(operation, wanted, values, "rich")
            yield rich
            # A text may be refused by a rule that only prose states.
            yield {name: wanted.get(name, value) if isinstance(value, str) else value for name, value in rich.items()}
        yield wanted

    def _styled(
        self, operation: Operation, body: Mapping[str, Any], kept: Collection[str], style: Style
    ) -> Mapping[str, Any]:
        """A body with telling values in all members but those that are kept."""
        schemas, schema = self.schemas, self._schema(operation)
        for name, member in self.graph.sent_members(operation.id).items():
            if name not in kept and not _names_another(name):
                for value in self._telling(member, name, style, body.get(name)):
                    changed = {**body, name: value}
                    if schemas.accepts(schema, changed):
                        body = changed
                        break
        return body

    def _telling(self, member: Mapping[str, Any], name: str, style: Style, now: object) -> Iterator[Any]:
        """Telling values of a member; of a list of objects ones like those that it has now."""
        first = now[0] if isinstance(now, list) and now else None
        if isinstance(first, dict) and style == "rich" and not any(map(_names_another, first)):
            described = self.graph.members_of(self.graph.resolved(member.get("items", {})))
            yield from telling_items(first, described, {n: self.graph.kind_of(m) for n, m in described.items()})
        yield from telling_values(self.graph.kind_of(member), member, name, style)

    def attempt(self, parents: LinkedValues, style: Style) -> Made | None:
        """A new thing with values of a style; None where it is refused, or no different from any other."""
        operation = self.operation(self.resource.create)
        base = self.body_of(operation)
        body = self._styled(operation, base, (), style)
        made = self._made(operation, parents, body) if body != base else None
        return made if isinstance(made, Made) else None

    @property
    def schemas(self) -> Schemas:
        """The schemas of the document."""
        return schemas_of(self.contract.document)

    def _schema(self, operation: Operation) -> Mapping[str, Any]:
        return next((media.schema for media in operation.body.values() if is_json(media.name)), {})

    def body_of(self, operation: Operation, *, least: bool = False) -> Mapping[str, Any]:
        """A valid body of an operation, with as many members as can be made up, or with the `least`."""
        found = self._known_bodies(operation)
        if not found:
            raise NotOfferedError(f"no JSON body could be made up for {operation.location}")
        return min(found, key=len) if least else max(found, key=len)

    def _smallest(self, operation: Operation) -> Iterator[Mapping[str, Any]]:
        """Some valid bodies of an operation, the one with the fewest members first."""
        yield from sorted(self._known_bodies(operation), key=len)[:_FEW]

    def _known_bodies(self, operation: Operation) -> list[Mapping[str, Any]]:
        base = base_request_of(self.contract.document, operation)
        bodies = [body for name, found in base.bodies.items() if is_json(name) for body in found]
        return [body for body in bodies if isinstance(body, dict)]

    def _case(self, operation: Operation, handed: LinkedValues, body: Mapping[str, Any]) -> Case:
        base = base_request_of(self.contract.document, operation).frame
        schema = self._schema(operation)
        body = in_order(body, lambda made: self.schemas.accepts(schema, dict(made)))
        media = next(name for name in operation.body if is_json(name))
        template = base.with_body(operation.body[media], dict(body))
        path = path_of(operation, {**template.path_values, **handed.path})
        case = Case(operation.id, operation.method, path + template.query, template.headers, template.content, "odd")
        return case.with_body_values(handed.body)

    def presumptuous(self, parents: LinkedValues) -> Made | None:
        """A thing that states what the target sets itself; None where it is refused, or nothing is left to state."""
        operation = self.operation(self.resource.create)
        base, schema = self.body_of(operation), self._schema(operation)
        for name, member in self.graph.assigned_members(self.resource).items():
            known = list(member.get("enum", ()))[-1:]
            values = known or [*telling_values(self.graph.kind_of(member), member, name, "ends")]
            changed = {**base, name: values[0]} if values else base
            base = changed if self.schemas.accepts(schema, dict(changed)) else base
        made = self._made(operation, parents, base) if base != self.body_of(operation) else None
        return made if isinstance(made, Made) else None

    def remade(self, made: Made) -> Exchange:
        """The answer to making a thing once more under the name that a client gave it."""
        operation = self.operation(self.resource.create)
        return self._sent(self._case(operation, LinkedValues(made.path, {}), made.body))

    def again(self, parents: LinkedValues, made: Made) -> Exchange:
        """The answer to the request that made a thing, sent once more."""
        return self._sent(self._case(self.operation(self.resource.create), parents, made.body))

    def read(self, made: Made) -> Exchange:
        """What is read of a thing."""
        return self.account.call(self.operation(self.resource.read).id, path=made.path)

    def shown(self, exchange: Exchange) -> Any:  # noqa: ANN401 - any JSON value
        """The thing inside an answer: where the answer to its making has it, else the whole answer."""
        within = self.resource.pointer.rpartition("/")[0]
        found = exchange.get(within)
        return found if isinstance(found, dict) else exchange.get("")

    def listed(self, parents: LinkedValues, query: Mapping[str, Any] | None = None) -> Exchange:
        """A list of things, as long as it may be."""
        operation = self.operation(self.resource.list)
        paging = paging_of(self.graph, operation)
        asked = {paging.size: paging.largest, **(query or {})} if paging else query
        return self.account.call(operation.id, path=parents.path, query=asked)

    def items(self, page: Exchange) -> list[Any]:
        """The items of a list (raises `Mismatch` when it is none)."""
        return page.array(self.resource.items or "")

    def names(self, page: Exchange) -> list[object]:
        """What names the items of a list."""
        return [self.name_of(item) for item in self.items(page) if isinstance(item, dict)]

    def name_of(self, item: Mapping[str, Any]) -> object:
        """What names an item: the member that names a thing, or `id` where the item lacks it."""
        return item.get(self.resource.pointer.rpartition("/")[2], item.get("id"))

    def has(self, page: Exchange, made: Made) -> bool:
        """Whether a list that was answered shows a thing."""
        return page.accepted and str(made.name) in map(str, self.names(page))

    def change_of(self, operation: Operation, shown: object) -> Mapping[str, Any]:
        """
        A body that changes a thing.

        For a part of it (PATCH) the one member that can have another value and is shown, for the whole (PUT) a body
        with other values, that leaves out what has a default.
        """
        schemas, schema = self.schemas, self._schema(operation)
        known: Mapping[str, Any] = shown if isinstance(shown, dict) else {}
        members = self.graph.sent_members(operation.id)
        whole = operation.id == self.resource.replace
        body = dict(self.body_of(operation, least=True)) if whole else {}
        for name, member in members.items():
            if name in known and not _names_another(name) and (name in body or not whole):
                for value in self._others(member, known[name]):
                    changed = {**body, name: value}
                    if schemas.accepts(schema, changed):
                        if not whole:
                            return changed
                        body = changed
                        break
        if not body:
            raise NotOfferedError(f"no body could be made up that changes something by {operation.location}")
        return body

    def changes_of(self, operation: Operation, shown: object) -> Iterator[Mapping[str, Any]]:
        """
        Further bodies that change a thing: all members at once, to telling values, to their ends and to empty ones.

        For the whole (PUT) the rest of the body stays as the least of it is.
        """
        schemas, schema = self.schemas, self._schema(operation)
        known: Mapping[str, Any] = shown if isinstance(shown, dict) else {}
        whole = operation.id == self.resource.replace
        full = self.body_of(operation)
        base = dict(self.body_of(operation, least=True)) if whole else {}
        members = {
            n: m for n, m in self.graph.sent_members(operation.id).items() if n in known and not _names_another(n)
        }
        for style in _STYLES:
            body = base
            for name, member in members.items():
                for value in self._telling(member, name, style, known[name] or full.get(name)):
                    if schemas.accepts(schema, {**body, name: value}):
                        body = {**body, name: value}
                        break
            if body and body != base:
                yield body
        yield from self._removals(operation, known)

    def _removals(self, operation: Operation, known: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        """Merge patches that take a key out of a member, which stands for null in them (RFC 7396)."""
        schemas, schema = self.schemas, self._schema(operation)
        merges = any(media.startswith(_MERGE_PATCH) for media in operation.body)
        for name, value in known.items() if merges else ():
            if isinstance(value, dict) and value:
                body = {name: {next(iter(value)): None}}
                if schemas.accepts(schema, body):
                    yield body

    def _others(self, member: Mapping[str, Any], known: object) -> Iterator[Any]:
        """Other values of a member than the one that is known, the most telling first."""
        kind = self.graph.kind_of(member)
        listed = member.get("enum", ())
        candidates = [*listed, *telling_values(kind, member, "", "rich"), *({"boolean": (True, False)}.get(kind, ()))]
        if kind == "string" and not listed:
            candidates.append(f"{self.account.fresh_key()[:8]} {known}"[:24])
        yield from (value for value in candidates if value != known)

    def path_below_base(self, address: str | None) -> str | None:
        """The path below the base URL of an address on the target; None where it is elsewhere."""
        if not address:
            return None
        base = urlsplit(self.account.client.base_url)
        given = urlsplit(urljoin(self.account.client.base_url, address))
        if (given.scheme, given.netloc) != (base.scheme, base.netloc) or not given.path.startswith(f"{base.path}/"):
            return None
        return given.path.removeprefix(base.path)

    def name_in(self, exchange: Exchange) -> object:
        """What names a thing in an answer that shows it; None where it does not say so."""
        shown = self.shown(exchange) if exchange.accepted else None
        return shown.get(self.resource.pointer.rpartition("/")[2]) if isinstance(shown, dict) else None

    @property
    def changing(self) -> tuple[str, ...]:
        """The operations that change what is there, and make nothing."""
        replacing = None if self.resource.named_by_client else self.resource.replace
        return tuple(name for name in (self.resource.modify, replacing) if name is not None)

    def change(self, operation: Operation, made: Made, body: Mapping[str, Any]) -> tuple[Mapping[str, Any], Exchange]:
        """What was sent to change a thing, with other texts where a name was taken, and the answer."""
        case = self._case(operation, LinkedValues(made.path, {}), body)
        case = replace(case, headers=self._on_condition(operation, made, case.headers))
        exchange = self._sent(case)
        other = freshened(self.contract.document, case, self.account.fresh_key(), longer=True)
        if exchange.outcome is Outcome.CONFLICT and other is not None:
            exchange = self._sent(other)
            return json.loads(other.content), exchange
        return json.loads(case.content), exchange

    def _on_condition(
        self, operation: Operation, made: Made, headers: tuple[tuple[str, str], ...]
    ) -> tuple[tuple[str, str], ...]:
        """The headers of a change, with the entity tag of what is there where the document demands one."""
        if not any(p.required and p.name.lower() == _CONDITION for p in operation.parameters):
            return headers
        tag = self.read(made).header("ETag")
        others = tuple(header for header in headers if header[0].lower() != _CONDITION)
        return headers if tag is None else (*others, ("If-Match", tag))

    def broken(self, operation: Operation, made: Made, most: int) -> Iterator[Exchange]:
        """The answers to some changes that break the document in their body."""
        steps = [step for step in walk(self.contract, operation).only("invalid") if step.tries[0].startswith("body:")]
        for step in steps[:: max(1, len(steps) // most)][:most]:
            case = replace(step.case(made.path), validity="odd")
            yield self._sent(case)

    def eventually(self, ask: Callable[[], _Asked], holds: Callable[[_Asked], bool]) -> _Asked:
        """The answer as soon as something holds of it, or after a short time."""
        answer = ask()
        for pause in _PATIENCE_SECONDS:
            if holds(answer):
                break
            self.account.pause(pause)
            answer = ask()
        return answer

    def remove(self, *made: Made) -> None:
        """Take away what was made, where the document has an operation for that."""
        if self.resource.delete is not None:
            operation = self.operation(self.resource.delete)
            for one in made:
                headers = dict(self._on_condition(operation, one, ()))
                self.account.call(operation.id, path=one.path, headers=headers)


def related_to(contract: Contract, operation: Operation) -> RelatedOperation:
    """
    The resource that an operation is about.

    Raises:
        NotOfferedError: making one costs money in this run, whose price nothing states.
    """
    found = related(contract.document, contract.conventions).get(operation.id)
    if found is None:
        raise NotOfferedError(f"{operation.location} may cost money, so nothing is made only to look at it")
    return found


def things_of(contract: Contract, account: Account, drawing: Drawing, operation: Operation) -> Things:
    """The things that an operation is about."""
    return Things(contract, account, drawing, related_to(contract, operation))


def _names_another(name: str) -> bool:
    """Whether a member bears the name of a reference: what it refers to must be there."""
    return name.lower().endswith(("id", "ids", "uuid", "key"))
