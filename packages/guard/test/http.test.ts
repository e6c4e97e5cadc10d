import { createHash } from "node:crypto"
import { once } from "node:events"
import { connect } from "node:net"
import { gzipSync } from "node:zlib"
import { compact } from "@nightlight/core"
import { CONFIG, startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { chatAnswer, chunk, completion, events, json, stream } from "@nightlight/dev-env/guard/upstream"
import OpenAI from "openai"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"

let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await import("@nightlight/dev-env/guard/workspace").then(({ picture }) => picture(1))])
})
afterAll(async () => test[Symbol.asyncDispose]())
beforeEach(() => {
  test.upstream.seen.length = 0
  test.upstream.answer = completion("hello there")
})

const BODY = { model: "m", messages: [{ role: "user", content: "hello" }] }

async function post(body: string | Uint8Array, headers: Record<string, string> = {}, path = "/chat/completions") {
  const answer = await fetch(test.guard.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : Buffer.from(body),
  })
  const text = await answer.text()
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    json: JSON.parse(text) as { error: Record<string, unknown> },
  }
}
const withField = (field: object) => JSON.stringify({ ...BODY, ...field })

describe("a request that the guard does not understand", () => {
  it.each([
    ["a body that is no JSON", "{canary", "invalid_body"],
    ["nothing", "", "invalid_body"],
    ["a key twice", '{"model":"m","model":"canary","messages":[]}', "invalid_body"],
    ["a number beyond 2^53", '{"model":"m","messages":[],"seed":9007199254740993}', "invalid_body"],
    ["an endless number", '{"model":"m","messages":[],"temperature":1e999}', "invalid_body"],
    ["__proto__", '{"model":"m","messages":[],"__proto__":{}}', "invalid_body"],
    ["much depth", `{"model":"m","messages":${"[".repeat(200)}${"]".repeat(200)}}`, "invalid_body"],
    ["half a character", '{"model":"m","messages":[{"role":"user","content":"\\ud800"}]}', "invalid_body"],
    ["an array for an object", "[]", "invalid_body"],
    ["a field nobody knows", withField({ canary: 1 }), "unsupported_parameter"],
    ["a role nobody knows", withField({ messages: [{ role: "canary", content: "x" }] }), "unsupported_parameter"],
    ["audio", withField({ modalities: ["audio"] }), "invalid_body"],
    ["an audio voice", withField({ audio: { voice: "canary", format: "mp3" } }), "unsupported_parameter"],
    ["a web search", withField({ web_search_options: {} }), "unsupported_parameter"],
    ["storing", withField({ store: true }), "invalid_body"],
    [
      "a file by id",
      withField({ messages: [{ role: "user", content: [{ type: "file", file: { file_id: "canary" } }] }] }),
      "unsupported_parameter",
    ],
    [
      "a picture that is no base64",
      withField({
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AAA" } }] }],
      }),
      "invalid_body",
    ],
    [
      "a picture from a file",
      withField({
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "file:///canary" } }] }],
      }),
      "invalid_body",
    ],
    [
      "a link, where nothing may be fetched",
      withField({
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "https://canary.example/" } }] }],
      }),
      "unsupported_parameter",
    ],
    ["more choices than are allowed", withField({ n: 100 }), "invalid_body"],
  ])("because of %s is refused in the API's own shape and not forwarded", async (_, body, code) => {
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.json.error).toMatchObject({ type: "invalid_request_error", code })
    expect(answer.headers.get("x-should-retry")).toBe("false")
    expect(answer.text).not.toContain("canary")
    expect(test.upstream.seen).toEqual([])
  })

  it.each([
    ["packed", gzipSync(JSON.stringify(BODY)), { "content-encoding": "gzip" }],
    ["of another type", "model=m", { "content-type": "application/x-www-form-urlencoded" }],
    ["of no type", new Uint8Array([1]), { "content-type": "" }],
  ])("with a body that is %s is refused", async (_, body, headers) => {
    expect((await post(body, headers)).status).toBe(415)
  })

  it.each([
    ["/files"],
    ["/batches"],
    ["/audio/speech"],
    ["/audio/transcriptions"],
    ["/fine_tuning/jobs"],
    ["/realtime"],
    ["/responses/resp_1"],
    ["/threads"],
    ["/chat/completions/"],
    ["/chat/completions/x"],
    ["/canary"],
    ["/../admin"],
  ])("for the route %s is refused", async (path) => {
    const answer = await post(JSON.stringify(BODY), {}, path)
    expect(answer).toMatchObject({ status: 404, json: { error: { code: "unknown_url" } } })
    expect(test.upstream.seen).toEqual([])
  })

  it("with a query string is refused", async () => {
    expect((await post(JSON.stringify(BODY), {}, "/chat/completions?canary=1")).status).toBe(400)
  })

  it("with another method is refused", async () => {
    const answer = await fetch(`${test.guard.url}/chat/completions`)
    expect(answer.status).toBe(404)
  })
})

describe("headers", () => {
  it("of a caller are not forwarded, except its authorization", async () => {
    await post(JSON.stringify(BODY), {
      authorization: "Bearer k",
      cookie: "canary",
      "x-forwarded-for": "canary",
      "x-canary": "1",
      "accept-encoding": "gzip",
    })
    const { headers } = test.upstream.seen[0] as { headers: Record<string, string> }
    expect(headers["authorization"]).toBe("Bearer k")
    expect(JSON.stringify(headers)).not.toContain("canary")
    expect(headers["accept-encoding"]).toBe("identity")
  })

  it("of the upstream are not passed back, except limits and times", async () => {
    test.upstream.answer = (_seen, response) => {
      response.writeHead(200, {
        "content-type": "application/json; charset=utf-8",
        "set-cookie": "canary=1",
        "x-canary": "1",
        "openai-processing-ms": "12",
        "x-ratelimit-remaining-requests": "canary",
      })
      response.end(JSON.stringify(chatAnswer()))
    }
    const { headers } = await post(JSON.stringify(BODY))
    expect(headers.get("openai-processing-ms")).toBe("12")
    expect(JSON.stringify([...headers])).not.toContain("canary")
  })
})

describe("a faulty upstream", () => {
  it.each([
    ["an error with 200", json({ error: { message: "canary", type: "x" } })],
    [
      "HTML",
      (_: unknown, response: import("node:http").ServerResponse) =>
        void response.writeHead(200, { "content-type": "text/html" }).end("<b>canary</b>"),
    ],
    [
      "JSON that is none",
      (_: unknown, response: import("node:http").ServerResponse) =>
        void response.writeHead(200, { "content-type": "application/json" }).end('{"canary'),
    ],
    ["a stream that nobody asked for", stream(events(chunk({ content: "canary" }), "[DONE]"))],
    [
      "a redirect",
      (_: unknown, response: import("node:http").ServerResponse) =>
        void response.writeHead(302, { location: "http://canary.example" }).end(),
    ],
    [
      "a packed answer",
      (_: unknown, response: import("node:http").ServerResponse) =>
        void response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end("canary"),
    ],
    [
      "an answer that is cut off",
      (_: unknown, response: import("node:http").ServerResponse) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "1000" })
        response.write('{"canary":', () => response.destroy())
      },
    ],
    ["another API's answer", json({ id: "x", object: "list", data: ["canary"] })],
  ] as const)("by %s gives an error of the API's shape", async (_, answer) => {
    test.upstream.answer = answer
    const given = await post(JSON.stringify(BODY))
    expect(given).toMatchObject({ status: 502, json: { error: { type: "server_error", code: "upstream_failed" } } })
    expect(given.text).not.toContain("canary")
  })

  it("has its error's text passed on when it passes the checks", async () => {
    test.upstream.answer = json(
      { error: { message: "no such model", type: "invalid_request_error", param: null, code: "model_not_found" } },
      404,
    )
    expect(await post(JSON.stringify(BODY))).toMatchObject({
      status: 404,
      json: { error: { message: "no such model" } },
    })
    test.upstream.answer = json(
      { error: { message: "you said canary-phrase", type: "x", param: null, code: null } },
      429,
    )
    const given = await post(JSON.stringify(BODY))
    expect(given.status).toBe(429)
    expect(given.text).not.toContain("canary")
  })

  const ask = async () => {
    const chunks: OpenAI.ChatCompletionChunk[] = []
    const answer = await test.client.chat.completions.create({
      ...BODY,
      stream: true,
    } as OpenAI.ChatCompletionCreateParamsStreaming)
    for await (const one of answer) chunks.push(one)
    return chunks
  }

  it.each([
    ["is cut off before its end", stream(events(chunk({ content: "half" })))],
    ["breaks off within an event", stream(`${events(chunk({ content: "half" }))}data: {"id"`)],
    ["holds an error", stream(events(chunk({ content: "half" }), { error: { message: "canary" } }))],
    ["holds no JSON", stream(events(chunk({ content: "half" }), "canary"))],
    ["holds another API's events", stream(events({ type: "response.created", response: {} }))],
    [
      "goes on after a choice's end",
      stream(events(chunk({}, { finish_reason: "stop" }), chunk({ content: "canary" }))),
    ],
    [
      "gives a choice nobody asked for",
      stream(events(chunk({ content: "a" }), chunk({ content: "canary" }, { index: 1 }))),
    ],
    ["holds bytes that are no text", stream(Buffer.from([0x64, 0x61, 0xff, 0xfe, 0x0a, 0x0a]))],
  ])("with a stream that %s makes the client throw", async (_, answer) => {
    test.upstream.answer = answer
    const failure = await ask().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(OpenAI.APIError)
    expect(JSON.stringify(failure)).not.toContain("canary")
  })

  it("without an end mark counts as ended when every choice ended", async () => {
    test.upstream.answer = stream(events(chunk({ content: "all" }), chunk({}, { finish_reason: "stop" })))
    expect((await ask()).at(-1)?.choices[0]?.finish_reason).toBe("stop")
  })
})

it("is cancelled when the caller leaves", async () => {
  let closed: (() => void) | undefined
  const gone = new Promise<void>((resolve) => {
    closed = resolve
  })
  test.upstream.answer = (_seen, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    response.write(events(chunk({ content: "a beginning that goes on and on and on" })))
    response.on("close", () => closed?.())
  }
  const answer = await test.client.chat.completions.create({
    ...BODY,
    stream: true,
  } as OpenAI.ChatCompletionCreateParamsStreaming)
  for await (const _chunk of answer) break
  answer.controller.abort()
  await gone
})

it("waits for a caller that reads slowly, and little is buffered meanwhile", async () => {
  const piece = events(chunk({ content: "x".repeat(16_000) }))
  let written = 0
  let isStalled = false
  test.upstream.answer = async (_seen, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" })
    const closed = once(response, "close")
    for (let index = 0; index < 2_000 && !response.destroyed; index++) {
      written += piece.length
      if (!response.write(piece)) {
        const stalled = setTimeout(() => {
          isStalled = true
        }, 500)
        await Promise.race([once(response, "drain"), closed])
        clearTimeout(stalled)
      }
    }
    response.end()
  }
  const body = JSON.stringify({ ...BODY, stream: true })
  const { port, hostname } = new URL(test.guard.url)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  socket.pause()
  await expect.poll(() => isStalled, { timeout: 20_000 }).toBe(true)
  expect(written).toBeLessThan(20_000_000)
  socket.destroy()
})

describe("keys", () => {
  const digest = (key: string) => createHash("sha256").update(key).digest("hex")
  const config = `${CONFIG}keysFile: keys.yaml\nupstream: { auth: key, keyFile: upstream.key }\n`
  const keys = `version: 1
keys:
  - { id: app, sha256: "${digest("app-key")}" }
  - { id: ours, sha256: "${digest("our-key")}", trusted: true }
  - { id: old, sha256: "${digest("old-key")}", expires: "2020-01-01T00:00:00Z" }
`

  it("admit callers, expire, and are replaced by the upstream's key", async () => {
    await using guarded = await startTestGuard([], {
      config,
      files: { "keys.yaml": keys, "upstream.key": "upstream-key\n" },
      exceptImages: true,
    })
    const ask = (key: string | undefined) =>
      fetch(`${guarded.guard.url}/chat/completions`, {
        method: "POST",
        headers: compact({
          "content-type": "application/json",
          authorization: key === undefined ? undefined : `Bearer ${key}`,
        }),
        body: JSON.stringify(BODY),
      })
    const statuses = await Promise.all(
      [undefined, "canary", "old-key", "app-key", "our-key"].map(async (key) => (await ask(key)).status),
    )
    expect(statuses).toEqual([401, 401, 401, 200, 200])
    expect(guarded.upstream.seen.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer upstream-key",
      "Bearer upstream-key",
    ])
  })
})
