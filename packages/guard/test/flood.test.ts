import { once } from "node:events"
import { type IncomingMessage, request } from "node:http"
import { connect, type Socket } from "node:net"
import { text } from "node:stream/consumers"
import { CONFIG, startTestGuard, type TestGuard } from "@nightlight/dev-env/guard/guard"
import { completion } from "@nightlight/dev-env/guard/upstream"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const MIB = 1024 * 1024
const BODY = Buffer.from(JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] }))

let test: TestGuard
let url: URL
beforeAll(async () => {
  test = await startTestGuard([], {
    config: `${CONFIG}limits: { concurrentBodies: 2, concurrentBytes: 16777216 }\n`,
    exceptImages: true,
  })
  test.upstream.answer = completion("hello there")
  url = new URL(`${test.guard.url}/chat/completions`)
})
afterAll(() => test[Symbol.asyncDispose]())

/** One call from an address of this machine, which stands for a caller where there are no keys. */
async function send(body: Buffer, from = "127.0.0.1", isChunked = false) {
  const { hostname, port, pathname } = url
  const call = request({
    host: hostname,
    port,
    path: pathname,
    method: "POST",
    agent: false,
    localAddress: from,
    headers: {
      "content-type": "application/json",
      ...(isChunked ? { "transfer-encoding": "chunked" } : { "content-length": body.length }),
    },
  })
  call.on("error", () => undefined)
  call.end(body)
  const [answer] = (await once(call, "response")) as [IncomingMessage]
  const { error } = JSON.parse(await text(answer)) as { readonly error?: { readonly code: string } }
  call.destroy()
  return { status: answer.statusCode, code: error?.code, retryAfter: answer.headers["retry-after"] }
}

/** A call whose body never ends. */
async function hang(): Promise<Socket> {
  const socket = connect(Number(url.port), "127.0.0.1")
  await once(socket, "connect")
  const head = `POST ${url.pathname} HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n`
  socket.write(`${head}\r\n{`)
  return socket
}

async function until(status: number): Promise<Awaited<ReturnType<typeof send>>> {
  for (;;) {
    const answer = await send(BODY)
    if (answer.status === status) return answer
  }
}

describe("a flood from one caller", () => {
  it.each([
    ["arrays", Buffer.from(`[${"[],".repeat(4 * MIB)}[]]`)],
    ["keys", Buffer.from(`{${Array.from({ length: 900_000 }, (_, index) => `"k${index}":1`).join(",")}}`)],
  ])("of 12 bodies of 12 MB of %s is refused before anything is parsed, and others are answered", async (_, body) => {
    const flood = Promise.all(Array.from({ length: 12 }, (_, index) => send(body, "127.0.0.1", index % 2 === 1)))
    expect(await send(BODY, "127.0.0.2")).toMatchObject({ status: 200 })
    for (const { status, code, retryAfter } of await flood) {
      if (status === 429) expect([code, retryAfter]).toEqual(["rate_limit_exceeded", "5"])
      else expect([status, code]).toEqual([400, "invalid_body"])
    }
  })

  it("of bodies that never end is refused as retryable, and no other caller is affected", async () => {
    const held = [await hang(), await hang()]
    expect(await until(429)).toMatchObject({ code: "rate_limit_exceeded" })
    expect(await send(BODY, "127.0.0.2")).toMatchObject({ status: 200 })
    for (const socket of held) socket.destroy()
    expect(await until(200)).toMatchObject({ status: 200 })
  })

  it("of bodies without a declared length is counted as they arrive", async () => {
    const long = Buffer.from(
      JSON.stringify({ model: "m", messages: [{ role: "user", content: "a".repeat(12 * MIB) }] }),
    )
    const both = await Promise.all([send(long, "127.0.0.1", true), send(long, "127.0.0.1", true)])
    expect(both.filter(({ status }) => status !== 200 && status !== 429)).toEqual([])
    expect(both.map(({ status }) => status)).toContain(429)
    expect(await until(200)).toMatchObject({ status: 200 })
  })
})
