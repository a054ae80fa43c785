"""
A deployment of beatra's music, tasks and uploads, written from the documents alone: Flask behind waitress.

It has no control interface: tasks end by themselves after a time that the configuration sets. These are its choices
where the documents leave one, with what allows them:

- Every failed validation is 400 `invalid_request`: the table of the API reference says 400 for validation errors.
  Option namespaces that are unknown, or belong to the other model, are 422 `unsupported_option`, as the table of
  error codes has it.
- A key for retries is looked at before the body is validated: "reused with a different body" (409) does not ask
  whether that body would be valid. Two bodies are the same if they are so byte by byte; a form is the same if its
  fields and its file are. Records belong to a project and a path, and live for 24 hours.
- A retry is answered with 202 and the task as it is now, not as it was. No document describes the answer to a retry.
- Refused requests leave no record: what no document says either.
- Cancelling a task that has ended is 409, as the status table says ("job already in a terminal state"). Any other
  cancel is 202; the task is `canceled` a moment later, and its refund is booked a moment after that. No document sets
  a time for either.
- Task ids are bare UUIDs, artifact ids `artifact_` and hexadecimal digits: forms are only seen in examples.
- Times carry milliseconds and `+00:00` instead of `Z`, which is RFC 3339, hence `date-time`.
- Members without a value are left out, never null; `refunded_*` appear with the refund. No document says which
  members are required.
- Amounts have two decimal places, their references in dollars three. The documents make them strings and no more.
- A clip has its audio under `audio` (`url`, `mime_type`, `duration_seconds`, `size_bytes`) beside its `artifact_id`.
  The keys within a clip are not documented.
- `model` may be absent and is `auto` then; `auto` follows the option namespace that is used, else it is `minimax-
  music-2.6`.
- Members of a body that are unknown are ignored, and named in `warnings`; so are unknown options within a known
  namespace.
- An upload is answered with 201 and `cdn_url`; the same file for the same purpose is the same artifact. Status and
  keys are not documented.
- A task or an artifact of another project is 404, as if it did not exist.
- The list is newest first by order of creation; `created_after` and `created_before` exclude their own instant; an
  unknown `status` is 400, an unknown `capability` finds nothing; an unknown name in `expand` is ignored; `expand`
  adds the members that it names; `next_cursor` is absent on the last page.
- A content type other than the documented one is 415, a body of more than 1 MB is 413, more than 100 MiB in a file is
  413.
- Fifty requests a second for each key, with bursts of a hundred, then 429 with `Retry-After`.
- 401 carries `WWW-Authenticate`. What does not exist is 404 without a look at the key.
- An error of validation carries `param`, and `details` within `error`.
"""
