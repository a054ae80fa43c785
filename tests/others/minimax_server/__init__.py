"""
A server of the MiniMax music API (music-2.6), written from the documents alone: aiohttp.

It has no control interface. These are its choices where the documents leave one, with what allows them:

- Errors come with HTTP 200 and `base_resp`, except a key that is missing, which is HTTP 401 with 1004, and a lyrics
  request that breaks the schema, which is HTTP 400 with 2013: both were seen of the service. A key that is wrong is
  2049 with HTTP 200.
- `data` is null in an error of music generation; in other errors there is only `base_resp` and `trace_id`. Both are
  open.
- An address comes in `data.audio_url`: official clients read it there or in `data.audio`, the schema knows neither.
- `trace_id` is in the body and in the header `Trace-Id`; `analysis_info` is left out: no response member is required.
- `stream` with `output_format: url` is refused with 2013, as only hex is supported; without a format a stream is hex.
- A stream is server-sent events, with a comment as heartbeat first; each frame has `status` 1 and a piece of the
  audio, the last one has `status` 2, the rest of the audio, and `extra_info`. There is no `[DONE]`. The documents do
  not describe the frames.
- Text-to-music takes cover inputs without using them, and `lyrics` beside `is_instrumental`; covers take
  `is_instrumental` and `lyrics_optimizer` alike: the documents say where they have an effect, not that they are
  refused. Where lyrics are not needed, their length is still held to the schema.
- Unknown members are ignored; null is as good as absent, for optional members. Lengths count code points; nothing is
  trimmed.
- A bit rate that a format does not have at a sample rate is lowered to the highest that it has, and `extra_info` says
  so.
- Defaults of the audio are mp3, 32000 Hz, 128000 bit/s, one channel: no document sets them. For wav and pcm the bit
  rate in `extra_info` is that of the samples.
- Pcm is little-endian, 16 bits, without a header.
- Inline audio may carry a `data:` prefix.
- A feature id is the MD5 of the content, and known to the account that made it, for 24 hours.
- Orders of checks: key, rate, JSON, types, model, lengths and conditions, sensitive words, plan, balance.
- A model that the plan of a key lacks is 2061, a code that the official client knows.
- A refused request costs nothing; prices stand in the configuration, `-free` models and lyrics cost nothing.
"""
