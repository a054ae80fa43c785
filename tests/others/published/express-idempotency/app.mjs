// The task endpoint of contracts/songs.yaml behind express-idempotency, set up as its own guide shows.
import { randomUUID } from "node:crypto";

import express from "express";
import idempotency from "express-idempotency";

const WORKING_MILLISECONDS = 300;
const songs = new Map();
const app = express();

app.disable("x-powered-by");
app.use(express.json({ strict: false }));
app.use((error, request, response, next) => response.status(400).json({ detail: error.message }));
app.post("*", idempotency.idempotency());

app.post("/songs", (request, response) => {
  if (idempotency.getSharedIdempotencyService().isHit(request)) return;
  if (!request.is("application/json")) return response.status(400).json({ detail: "the body has to be JSON" });
  if (!isValid(request.body)) return response.status(422).json({ detail: "a song needs a prompt within its bounds" });
  const song_id = randomUUID();
  songs.set(song_id, { begun: Date.now(), wish: request.body });
  response.status(202).json(shown(song_id));
});
app.get("/songs", (request, response) => response.json({ items: [...songs.keys()].reverse().map(shown) }));
app.get("/songs/:song_id", (request, response) => {
  if (!songs.has(request.params.song_id)) return response.status(404).json({ detail: "there is no such song" });
  response.json(shown(request.params.song_id));
});

function shown(song_id) {
  const { begun, wish } = songs.get(song_id);
  return { song_id, status: Date.now() - begun >= WORKING_MILLISECONDS ? "succeeded" : "running", ...wish };
}

function isValid(wish) {
  if (typeof wish !== "object" || wish === null || Array.isArray(wish)) return false;
  const { prompt, seconds = 30, ...others } = wish;
  if (Object.keys(others).length || typeof prompt !== "string" || !Number.isInteger(seconds)) return false;
  const length = [...prompt].length;
  return length >= 1 && length <= 200 && seconds >= 10 && seconds <= 240;
}

app.listen(Number(process.env.PORT), "127.0.0.1");
