// Vercel's AI SDK with its provider for APIs that are like OpenAI's. URL and key are in the environment.
import assert from "node:assert/strict";
import { test } from "node:test";

import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, streamText } from "ai";

const settings = { name: "served", baseURL: process.env.CHAT_URL, apiKey: process.env.CHAT_KEY, includeUsage: true };
const served = createOpenAICompatible(settings);
const prompt = "Say hello in five words.";

test("it generates a text", async () => {
  const { text, finishReason, usage } = await generateText({ model: served("auto"), prompt, maxRetries: 0 });

  assert.ok(text);
  assert.equal(finishReason, "stop");
  assert.equal(usage.totalTokens, usage.inputTokens + usage.outputTokens);
});

test("it streams the same text", async () => {
  const whole = (await generateText({ model: served("auto"), prompt, maxRetries: 0 })).text;
  const result = streamText({ model: served("auto"), prompt, maxRetries: 0 });

  const pieces = [];
  for await (const piece of result.textStream) pieces.push(piece);

  assert.ok(pieces.length > 2);
  assert.equal(pieces.join(""), whole);
  assert.equal(await result.finishReason, "stop");
  assert.ok((await result.usage).totalTokens > 0);
});

test("it takes instructions and a conversation", async () => {
  const { text } = await generateText({
    model: served("auto"),
    system: "Answer in one short sentence.",
    messages: [
      { role: "user", content: "Name a key." },
      { role: "assistant", content: "C major." },
      { role: "user", content: "Name another one." },
    ],
    maxRetries: 0,
  });

  assert.ok(text);
});

test("it understands refusals, and does not repeat them", async () => {
  const unknown = generateText({ model: served("no-such-model-1.0"), prompt });
  await assert.rejects(unknown, (error) => {
    assert.ok(APICallError.isInstance(error));
    assert.equal(error.statusCode, 400);
    assert.equal(error.isRetryable, false);
    return true;
  });

  const stranger = createOpenAICompatible({ ...settings, apiKey: "sk-unknown" });
  await assert.rejects(
    generateText({ model: stranger("auto"), prompt }),
    (error) => APICallError.isInstance(error) && error.statusCode === 401,
  );
});
