"""The journal on disk: a line per record, appended at once; a crash keeps the lines before."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from conformance.journal.errors import JournalExistsError, UnwritableJournalError
from conformance.journal.format import Header, encoded_exchange, encoded_header, encoded_observation, encoded_reading
from conformance.journal.records import Body, Exchange, Headers, Request, Response

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from conformance.contract.outcomes import Interpretation
    from conformance.journal.records import BalanceReading, Observation, StreamFrame
    from conformance.journal.redaction import Redactor

KEPT_BYTES = 4 * 1024 * 1024
# Of answers that carry files: as much as the client reads of any.
KEPT_OF_FILES = 32 * 1024 * 1024
_KEPT_OF_FRAME = 16 * 1024
_KEPT_OF_CODE = 200
_KEPT_OF_MESSAGE = 1000
# A text with secrets gets shorter as these are replaced: so many times what is kept is searched.
_MARGIN = 4
# Records are made here, so none of them holds itself.
_as_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


class Journal:
    """
    The records of one worker of a run, in a file of its own: `journal-<worker>.jsonl`.

    Threads may share it. Every record passes the redactor before it is stored. Long bodies lie beside it in `bodies/`,
    named by the SHA-256 of their content. Of the answers of `carriers` more is kept, as they carry files.

    Raises:
        JournalExistsError: the folder already holds this worker's journal.
        UnwritableJournalError: the folder or file can't be written; every method may raise it.
    """

    def __init__(
        self,
        folder: Path,
        worker: str,
        redactor: Redactor,
        *,
        run: str,
        system: str,
        contract_version: str,
        suite_version: str,
        seed: int | None = None,
        carriers: Collection[str] = (),
    ) -> None:
        self._carriers = frozenset(carriers)
        self._bodies = folder / "bodies"
        self._aside: set[str] = set()
        self._worker = worker
        self._redactor = redactor
        self._numbers = count(1)
        self._appending = threading.Lock()
        self._broken: str | None = None
        path = folder / f"journal-{worker}.jsonl"
        try:
            self._bodies.mkdir(parents=True, exist_ok=True)
            self._file = path.open("xb", buffering=0)
        except FileExistsError as error:
            raise JournalExistsError(f"{path} exists already: every run needs a folder of its own.") from error
        except OSError as error:
            raise _unwritable(path, error) from error
        header = Header(run, system, contract_version, suite_version, datetime.now(UTC), seed)
        self._append(redactor.value(encoded_header(header)))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the journal; what was appended is on disk already."""
        self._file.close()

    def next_id(self) -> str:
        """An id for the next exchange that no other exchange of the run has."""
        return f"{self._worker}-{next(self._numbers)}"

    def exchange(self, exchange: Exchange) -> Exchange:
        """Append an exchange and return it as it is kept and read again: secrets removed, bodies bounded."""
        carries = exchange.operation in self._carriers
        kept = replace(
            exchange,
            request=self._kept_request(exchange.request),
            response=exchange.response and self._kept_response(exchange.response, carries=carries),
            failure=exchange.failure and self._redactor.text(exchange.failure),
            read_as=exchange.read_as and self._kept_reading(exchange.read_as),
        )
        self._append(encoded_exchange(kept, self._put_aside))
        return kept

    def observation(self, observation: Observation) -> None:
        """Append an observation."""
        self._append(self._redactor.value(encoded_observation(observation)))

    def reading(self, reading: BalanceReading) -> None:
        """Append a reading of a balance."""
        self._append(self._redactor.value(encoded_reading(reading)))

    def note(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 - any JSON value
        """Append a fact about the run that is no exchange, observation or reading."""
        self._append({"type": "note", "kind": kind, "fields": self._redactor.value(fields)})

    def _kept_request(self, request: Request) -> Request:
        (method, url), headers = self._kept_head((request.method, request.url), request.headers)
        return Request(method, url, headers, self._kept_body(request.body))

    def _kept_response(self, response: Response, *, carries: bool) -> Response:
        _, headers = self._kept_head((), response.headers)
        most, most_of_frame = (KEPT_OF_FILES, KEPT_OF_FILES) if carries else (KEPT_BYTES, _KEPT_OF_FRAME)
        frames = response.frames and self._kept_frames(response.frames, most_of_frame, cut=response.body.truncated)
        return Response(response.status, headers, self._kept_body(response.body, most), frames)

    def _kept_frames(self, frames: tuple[StreamFrame, ...], most: int, *, cut: bool) -> tuple[StreamFrame, ...]:
        texts = [self._redactor.text(frame.data) for frame in frames]
        if cut:
            texts[-1] = texts[-1][: max(0, len(texts[-1]) - self._redactor.reach)]
        return tuple(replace(frame, data=text[:most]) for frame, text in zip(frames, texts, strict=True))

    def _kept_reading(self, read: Interpretation) -> Interpretation:
        if read.code is None and read.message is None:
            return read
        said = (read.code or "", read.message or "")
        if len(said[0]) <= _KEPT_OF_CODE and len(said[1]) <= _KEPT_OF_MESSAGE and self._kept_texts(said) is said:
            return read
        code = read.code and self._beginning(read.code, _KEPT_OF_CODE)
        return replace(read, code=code, message=read.message and self._beginning(read.message, _KEPT_OF_MESSAGE))

    def _beginning(self, text: str, most: int) -> str:
        """As much of a text as is kept, without secrets; of a very long one only the beginning is searched for them."""
        reach = self._redactor.reach
        searched = _MARGIN * (most + reach)
        clean = self._redactor.text(text[:searched])
        # The cut may divide a secret, whose first part would not be recognised.
        return (clean if len(text) <= searched else clean[: max(0, len(clean) - reach)])[:most]

    def _kept_head(self, first: tuple[str, ...], headers: Headers) -> tuple[tuple[str, ...], Headers]:
        texts = (*first, *chain.from_iterable(headers.items))
        kept = self._kept_texts(texts)
        if kept is texts:
            return first, headers
        parts = iter(kept[len(first) :])
        return kept[: len(first)], Headers(tuple(zip(parts, parts, strict=True)))

    def _kept_texts(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        """The texts without secrets; the very same object when there were none."""
        # One search through all of them is far cheaper than one through each, and no secret holds a line feed.
        together = "\n".join(texts)
        cleaned = self._redactor.text(together)
        if cleaned is together:
            return texts
        apart = tuple(cleaned.split("\n"))
        return apart if len(apart) == len(texts) else tuple(map(self._redactor.text, texts))

    def _kept_body(self, body: Body, most: int = KEPT_BYTES) -> Body:
        # Only as much is searched as may be kept: the search takes time and memory for each escape.
        reach = self._redactor.reach
        truncated = body.truncated or len(body.content) > most
        content = self._redactor.data(body.content[: most + reach])
        if body.truncated or len(body.content) > most + reach:
            # The cut may divide a secret, whose first part would not be recognised.
            content = content[: max(0, len(content) - reach)]
        if content is body.content and truncated == body.truncated:
            return body
        return Body(content[:most], body.size, body.sha256, truncated)

    def _put_aside(self, content: bytes) -> str:
        name = hashlib.sha256(content).hexdigest()
        if name in self._aside:
            return name
        path = self._bodies / name
        if not path.exists():
            draft = self._bodies / f".{name}.{self._worker}-{threading.get_ident()}"
            try:
                draft.write_bytes(content)
                draft.replace(path)
            except OSError as error:
                raise _unwritable(path, error) from error
        self._aside.add(name)
        return name

    def _append(self, record: dict[str, Any]) -> None:
        line = _as_json(record).encode("ascii") + b"\n"
        with self._appending:
            if self._broken is not None:
                raise UnwritableJournalError(self._broken)
            try:
                # On a disk that gets full only a part may be written.
                while line:
                    line = line[self._file.write(line) :]
            except OSError as error:
                # The next record would continue this broken line.
                broken = _unwritable(self._file.name, error)
                self._broken = str(broken)
                raise broken from error


def _unwritable(path: object, error: OSError) -> UnwritableJournalError:
    return UnwritableJournalError(f"{path} can't be written: {error.strerror}.")
