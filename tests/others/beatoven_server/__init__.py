"""
A server of Beatoven's track composition, written from the documents alone: Falcon behind waitress.

It has no control interface: tasks end by themselves after a time that the configuration sets. These are its choices
where the documents leave one, with what allows them:

- Errors are in the form of the framework (`title`, `description`): no document shows one. A missing token is 401, a
  wrong one 403; a body that is wrong is 422, one that is not JSON 400, another content type 415, a task that does not
  exist or belongs to another token 404, a quota that is used up 402.
- Composing is answered with 202: no document states a status.
- Task ids are 22 characters of base64 and tell nothing of the track: the form in the example is stated nowhere.
- `meta` is absent until the task is composed; nothing shows it earlier.
- Track and stem addresses are signed anew at each poll and expire after a while, as older documents show; they need
  no token.
- All four stems are delivered, in the format that was asked for. `aac` is delivered in an MPEG-4 container, `mp3` and
  `wav` as usual.
- `looping` has the track end at a full number of bars. The length asked for in the text is not kept: tracks last two
  to four seconds.
- Unknown members are ignored; `null` is as good as absent for the two optional ones. The text has at most 4,000
  characters and must not be blank.
- The older pair of operations is gone, with 410 for each of its paths: the documents call it soon to be deprecated.
- A prompt with a word that the configuration names fails: its task ends as `failed`, with `error` beside it, as the
  official example handles it.
- The oldest tasks and tracks are dropped beyond a number of them.
"""
