import { once } from "node:events"
import { connect } from "node:net"
import { startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { picture } from "@nightlight/dev-env/guard/workspace"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { protocolRefusal } from "../src/http/protocol-errors.ts"

let test: TestGuard
beforeAll(async () => {
  test = await startTestGuard([await picture(1)], {
    config: `version: 1
endpoints: [chat]
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`,
  })
})
afterAll(async () => test[Symbol.asyncDispose]())

/** Sends bytes as they are, and reads until the guard closes. */
async function raw(...sent: string[]): Promise<{ status: number; headers: string; body: string }> {
  const { hostname, port } = new URL(test.guard.url)
  const socket = connect(Number(port), hostname)
  let got = ""
  socket.on("data", (chunk: Buffer) => {
    got += chunk.toString("latin1")
  })
  socket.on("error", () => {})
  for (const piece of sent) socket.write(piece)
  await once(socket, "close")
  const end = got.indexOf("\r\n\r\n")
  return { status: Number(got.slice(9, 12)), headers: got.slice(0, end).toLowerCase(), body: got.slice(end + 4) }
}

const LINE = "POST /v1/chat/completions HTTP/1.1\r\n"
const CLOSE = "connection: close\r\n"

describe("a call that the HTTP parser or the router refuses is answered in the API's error shape", () => {
  it.each([
    ["no HTTP at all", "canary\r\n\r\n", 400, "invalid_request"],
    ["a method that there is not", "CANARY /v1/models HTTP/1.1\r\nhost: x\r\n\r\n", 400, "invalid_request"],
    ["a header without a name", `${LINE}host: x\r\n: canary\r\n\r\n`, 400, "invalid_request"],
    ["two lengths", `${LINE}host: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nx`, 400, "invalid_request"],
    [
      "a length and chunks",
      `${LINE}host: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
      "invalid_request",
    ],
    ["a chunk that is none", `${LINE}host: x\r\ntransfer-encoding: chunked\r\n\r\ncanary\r\n`, 400, "invalid_request"],
    ["no host", `${LINE}${CLOSE}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`, 400, "invalid_request"],
    ["headers beyond 16 KiB", `${LINE}host: x\r\nx-canary: ${"c".repeat(20_000)}\r\n\r\n`, 431, "headers_too_large"],
    ["an expectation", `${LINE}host: x\r\nexpect: canary\r\ncontent-length: 2\r\n\r\n`, 417, "expectation_failed"],
    ["a path that is none", `GET /v1/%zz-canary HTTP/1.1\r\nhost: x\r\n${CLOSE}\r\n`, 400, "invalid_request"],
    [
      "a name beyond all names",
      `GET /v1/models/${"x".repeat(300)} HTTP/1.1\r\nhost: x\r\n${CLOSE}\r\n`,
      404,
      "unknown_url",
    ],
    ["a method that this API has not", `PROPFIND /v1/models HTTP/1.1\r\nhost: x\r\n${CLOSE}\r\n`, 404, "unknown_url"],
  ])("with %s", async (_, sent, status, code) => {
    const answer = await raw(sent)
    expect(answer).toMatchObject({ status })
    expect(JSON.parse(answer.body)).toMatchObject({
      error: { type: expect.any(String), message: expect.any(String), param: null, code },
    })
    expect(answer.headers).toContain("content-type: application/json")
    expect(answer.headers).toContain("x-should-retry: false")
    expect(answer.headers + answer.body).not.toContain("canary")
    expect(test.upstream.seen).toEqual([])
  })
})

it("a request that does not arrive in time is refused as retryable", () => {
  expect(protocolRefusal({ code: "ERR_HTTP_REQUEST_TIMEOUT" })).toMatchObject({ status: 408, retryable: true })
})

it("a number outside the range of a double is refused as such, not as an integer", async () => {
  for (const number of ["1e400", "-1e400", `1${"0".repeat(400)}`, "1.5e9999"]) {
    const answer = await fetch(`${test.guard.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: `{"model":"m","messages":[],"temperature":${number}}`,
    })
    expect(answer.status).toBe(400)
    const { error } = (await answer.json()) as { error: { message: string } }
    expect(error.message).toContain("a number is too large for a double")
  }
})
