// A gateway that holds requests and answers against an OpenAPI document before it hands them on, in both directions.
// What it refuses by itself has the envelope of the API behind it, as a team would write it that puts the two together.
import { Readable } from "node:stream";

import express from "express";
import OpenApiValidator from "express-openapi-validator";

const { PORT, DOCUMENT, UPSTREAM } = process.env;
// What belongs to one connection, or is made anew for the body as it is sent here.
const OWN_HEADERS = new Set(["connection", "content-length", "content-encoding", "host", "keep-alive", "transfer-encoding"]);
const CODES = { 400: "invalid_request", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 415: "unsupported_media_type" };
const app = express();

app.disable("x-powered-by");
app.disable("etag");
app.use(express.raw({ type: () => true, limit: "110mb" }));
app.use((request, response, next) => {
  request.sent = Buffer.isBuffer(request.body) ? request.body : undefined;
  request.body = undefined;
  if (request.sent?.length && request.is("application/json")) {
    try {
      request.body = JSON.parse(request.sent);
    } catch (error) {
      return next(Object.assign(error, { status: 400 }));
    }
  }
  next();
});
app.use(
  OpenApiValidator.middleware({
    apiSpec: DOCUMENT,
    // It does not find references to members of other schemas by itself.
    $refParser: { mode: "dereference" },
    validateRequests: { allErrors: true },
    validateResponses: true,
    // Whether a key is good is known to the API behind.
    validateSecurity: { handlers: { bearerAuth: () => true } },
    // It would read files by itself, and leave nothing to hand on.
    ignorePaths: /\/uploads$/,
  }),
);
app.use(async (request, response) => {
  const answer = await fetch(UPSTREAM + request.originalUrl, {
    method: request.method,
    headers: sendable(Object.entries(request.headers)),
    body: ["GET", "HEAD"].includes(request.method) ? undefined : request.sent,
    redirect: "manual",
  });
  response.status(answer.status).set(sendable([...answer.headers]));
  if (/^application\/json/.test(answer.headers.get("content-type") ?? "")) return response.json(await answer.json());
  if (answer.body === null) return response.end();
  Readable.fromWeb(answer.body).pipe(response);
});
app.use((error, request, response, next) => {
  const status = error.status ?? 500;
  const asked = request.headers["x-request-id"];
  const request_id = /^[A-Za-z0-9_-]{1,64}$/.test(asked ?? "") ? asked : `gateway-${Date.now()}`;
  // An answer that breaks the document is put back by what says so.
  const details = { errors: (error.errors ?? []).map(({ path, message }) => ({ path, message })) };
  const code = CODES[status] ?? (status < 500 ? "invalid_request" : "internal_error");
  response.status(status).set(error.headers ?? {}).set("X-Request-Id", request_id);
  response.type("application/json").send(JSON.stringify({ error: { code, message: error.message, retryable: status >= 500, request_id, details } }));
});

function sendable(headers) {
  return Object.fromEntries(headers.filter(([name]) => !OWN_HEADERS.has(name.toLowerCase())));
}

app.listen(Number(PORT), "127.0.0.1");
