// OpenAI's package for JavaScript: models, chats at once and as a stream, refusals. URL and key are in the environment.
import assert from "node:assert/strict";
import { test } from "node:test";

import OpenAI from "openai";

const client = new OpenAI({ baseURL: process.env.CHAT_URL, apiKey: process.env.CHAT_KEY, maxRetries: 0 });
const asked = { model: "auto", messages: [{ role: "user", content: "Say hello in five words." }] };

test("it lists models", async () => {
  const models = [];
  for await (const model of client.models.list()) models.push(model);

  assert.deepEqual([...new Set(models.map((model) => model.object))], ["model"]);
  assert.ok(models.some((model) => model.id === "suno-5.5"));
});

test("it gets an answer, with the id of the request", async () => {
  const completion = await client.chat.completions.create({ ...asked, temperature: 0 });

  const [choice] = completion.choices;
  assert.ok(choice.message.content);
  assert.equal(choice.finish_reason, "stop");
  assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
  assert.ok(completion._request_id);
});

test("it gets the same answer piece by piece", async () => {
  const whole = (await client.chat.completions.create(asked)).choices[0].message.content;
  const stream = await client.chat.completions.create({
    ...asked,
    stream: true,
    stream_options: { include_usage: true },
  });

  const pieces = [];
  for await (const piece of stream) pieces.push(piece);

  const said = pieces.flatMap((piece) => piece.choices.map((choice) => choice.delta.content ?? ""));
  assert.ok(said.length > 2);
  assert.equal(said.join(""), whole);
  assert.ok(pieces.at(-1).usage.total_tokens > 0);
});

test("it follows a stream to its end", async () => {
  const completion = await client.chat.completions.stream(asked).finalChatCompletion();

  assert.ok(completion.choices[0].message.content);
  assert.equal(completion.choices[0].finish_reason, "stop");
});

test("it understands refusals", async () => {
  await assert.rejects(client.chat.completions.create({ ...asked, model: "no-such-model-1.0", stream: true }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.code, "unsupported_model");
    assert.ok(error.requestID);
    return true;
  });
  await assert.rejects(
    client.withOptions({ apiKey: "sk-unknown" }).models.list(),
    (error) => error instanceof OpenAI.AuthenticationError,
  );
});
