"""No id is given twice, and each can be traced to its run."""

from __future__ import annotations

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

from conformance.client.identity import Identity

RUN = "20260101T120000Z-1a2b"


def test_request_ids_name_the_run_and_are_of_the_form_that_every_target_echoes() -> None:
    ids = [Identity(RUN, "gw11").request_id() for _ in range(3)]

    assert all(re.fullmatch(rf"{RUN}-[A-Za-z0-9_-]+", made) and len(made) < 64 for made in ids)


def test_idempotency_keys_are_uuids() -> None:
    made = Identity(RUN, "gw0").idempotency_key()

    assert str(uuid.UUID(made)) == made


def test_no_id_is_given_twice_by_threads_workers_or_runs() -> None:
    makers = [Identity(run, worker) for run in (RUN, "another") for worker in ("gw0", "gw1", "main")]
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda maker: maker.idempotency_key(), makers * 200))
        ids = list(pool.map(lambda maker: maker.request_id(), makers * 200))

    assert len(set(keys)) == len(keys) == 1200
    assert len(set(ids)) == len(ids) == 1200


def test_the_same_worker_of_the_same_run_would_make_the_same_ids() -> None:
    first, second = Identity(RUN, "gw0"), Identity(RUN, "gw0")

    assert [first.idempotency_key() for _ in range(5)] == [second.idempotency_key() for _ in range(5)]
