import { once } from "node:events"
import { request } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { text } from "node:stream/consumers"
import { compact } from "@nightlight/core"
import { movingClock } from "@nightlight/dev-env/server/clock"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { z } from "zod"
import { healthRoutes } from "../../../src/oversight/health/routes.ts"
import type { Actor } from "../../../src/platform/auth/actor.ts"
import { addRawBodies, rawBody } from "../../../src/platform/http/raw-bodies.ts"
import { addRoute } from "../../../src/platform/http/route.ts"
import { testApp } from "../../support/app.ts"

const MIB = 1024 * 1024
const BODY_BYTES = 12 * MIB
const LIMITS = {
  callsPerMinute: 600,
  concurrentBodies: 4,
  concurrentBytes: 32 * MIB,
  refusalWait: { least: 300, most: 400 },
}
const READY = {
  ready: true,
  database: "ready",
  disk: "ready",
  custodian: "ready",
  lists: "live",
  custody: "separated",
  isolation: "unshare",
  decoding: "isolated",
  custodianIsolation: "unshare",
  custodianDecoding: "isolated",
} as const
const keyed = (key: string): Actor => ({
  kind: "service",
  id: key,
  scopes: new Set(["screen"]),
  source: undefined,
  callsPerMinute: 1_200,
})

const clock = movingClock()
let app: FastifyInstance
let port: number
beforeAll(async () => {
  const access = { kind: "permission", permission: "item:screen" } as const
  const object = { kind: "none", because: "a test" } as const
  const open = { kind: "public", because: "a test" } as const
  app = await testApp({
    clock,
    limits: LIMITS,
    authenticate: async ({ headers }) =>
      headers.authorization === undefined ? undefined : keyed(headers.authorization),
    routes: (on) => {
      healthRoutes(on, { health: async () => READY })
      addRawBodies(on)
      const body = z.unknown()
      const reply = z.strictObject({ read: z.boolean() })
      const handle = async () => ({ read: true })
      addRoute(on, {
        method: "POST",
        url: "/json",
        summary: "A.",
        access,
        object,
        body,
        reply,
        handle,
        bodyLimitBytes: 13 * MIB,
      })
      addRoute(on, { method: "POST", url: "/open", summary: "A.", object, body, reply, handle, access: open })
      addRoute(on, {
        method: "POST",
        url: "/raw",
        summary: "A.",
        access,
        object,
        reply,
        streams: true,
        handle: async ({ request }) => {
          for await (const _ of rawBody(request.body));
          return { read: true }
        },
      })
    },
  })
  await app.listen({ host: "127.0.0.1", port: 0 })
  port = (app.server.address() as AddressInfo).port
})
afterAll(() => app.close())

interface Answered {
  readonly status: number | undefined
  readonly code: string | undefined
  readonly retryAfter: string | undefined
}

/** One call on a connection of its own; `chunked` says nothing of the body's length. */
async function send(path: string, key: string, body: Buffer, chunked = false): Promise<Answered> {
  const call = request({
    host: "127.0.0.1",
    port,
    path,
    method: "POST",
    agent: false,
    headers: compact({
      host: "localhost",
      "content-type": path === "/raw" ? "application/octet-stream" : "application/json",
      authorization: key !== "" ? `Bearer ${key}` : undefined,
      ...(chunked ? { "transfer-encoding": "chunked" } : { "content-length": body.length }),
    }),
  })
  // A body that is no longer read cannot be written: the answer counts.
  call.on("error", () => undefined)
  call.end(body)
  const [answer] = (await once(call, "response")) as [import("node:http").IncomingMessage]
  const said = JSON.parse(await text(answer)) as { readonly type?: string }
  call.destroy()
  return { status: answer.statusCode, code: said.type, retryAfter: answer.headers["retry-after"] }
}

/** A call whose body never ends. */
async function hang(path: string, key: string, bytes = 1000): Promise<Socket> {
  const socket = connect(port, "127.0.0.1")
  await once(socket, "connect")
  const credential = key === "" ? "" : `authorization: Bearer ${key}\r\n`
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\n${credential}content-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n{`,
  )
  return socket
}

/** Calls until the limit that others hold is felt, or a place is free again. */
async function until(status: number, call: () => Promise<Answered>): Promise<Answered> {
  for (;;) {
    const answer = await call()
    if (answer.status === status) return answer
    clock.move(1_000)
  }
}

const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status

const FLOODS: readonly (readonly [string, Buffer])[] = [
  ["empty arrays", Buffer.from(`[${"[],".repeat(BODY_BYTES / 3)}[]]`)],
  ["keys", Buffer.from(`{${Array.from({ length: 900_000 }, (_, index) => `"k${index}":1`).join(",")}}`)],
  ["brackets", Buffer.alloc(BODY_BYTES, "[")],
  ["members of many objects", Buffer.from(`[${'{"a":1},'.repeat(BODY_BYTES / 8)}1]`)],
  ["escapes", Buffer.from(`{"a":"${"\\u0061".repeat(BODY_BYTES / 6)}"}`)],
  ["space", Buffer.from(`{"a":${" ".repeat(BODY_BYTES)}1}`)],
  ["one number", Buffer.from(`{"a":${"1".repeat(BODY_BYTES)}}`)],
  ["one key", Buffer.from(`{"${"a".repeat(BODY_BYTES)}":1}`)],
  ["escaped keys", Buffer.from(`{${Array.from({ length: 600_000 }, (_, index) => `"\\u0061${index}":1`).join(",")}}`)],
]

describe("a flood of one key", () => {
  it.each(FLOODS)(
    "of 12 bodies of 12 MB of %s is refused, unparsed or unread, and others are answered",
    async (_, body) => {
      const before = process.memoryUsage().rss
      const flood = Promise.all(Array.from({ length: 12 }, (_, index) => send("/json", "flood", body, index % 2 === 1)))
      expect(await send("/json", "other", Buffer.from('{"a":1}'))).toMatchObject({ status: 200 })
      expect(await ready()).toBe(200)
      const answers = await flood
      expect(answers.filter(({ status }) => status !== 400 && status !== 429)).toEqual([])
      for (const { status, code, retryAfter } of answers) {
        if (status === 400) expect(code).toBe("input_invalid")
        else expect([code, retryAfter]).toEqual(["too_many_requests", "1"])
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(400 * MIB)
      clock.move(60_000)
    },
  )

  it("that holds its places by bodies which never end is refused more, unread, and nobody else is", async () => {
    const held = await Promise.all(Array.from({ length: LIMITS.concurrentBodies }, () => hang("/json", "slow")))
    const refused = await until(429, () => send("/json", "slow", Buffer.alloc(BODY_BYTES, " ")))
    expect(refused).toMatchObject({ code: "too_many_requests", retryAfter: "1" })
    expect(await send("/json", "other", Buffer.from("{}"))).toMatchObject({ status: 200 })
    expect(await send("/open", "", Buffer.from("{}"))).toMatchObject({ status: 200 })
    expect(await ready()).toBe(200)
    for (const socket of held) socket.destroy()
    clock.move(60_000)
    expect(await until(200, () => send("/json", "slow", Buffer.from("{}")))).toMatchObject({ status: 200 })
  })

  it("counts a body without a length as the longest that its route takes", async () => {
    const chunked = async () => {
      const socket = connect(port, "127.0.0.1")
      await once(socket, "connect")
      socket.write(
        "POST /json HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer chunks\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
      )
      return socket
    }
    const held = await Promise.all([chunked(), chunked()])
    const small = Buffer.from("{}")
    await until(429, () => send("/json", "chunks", small, true))
    // A body that declares a small length still has room.
    expect(await send("/json", "chunks", small)).toMatchObject({ status: 200 })
    for (const socket of held) socket.destroy()
    clock.move(60_000)
  })

  it("by many small calls is told when to come back before its key is looked up", async () => {
    const answers: Answered[] = []
    for (let index = 0; index < 105; index++) answers.push(await send("/json", "often", Buffer.from("{}")))
    expect(answers.slice(0, 100).every(({ status }) => status === 200)).toBe(true)
    expect(answers.at(-1)).toMatchObject({ status: 429, code: "too_many_requests", retryAfter: "1" })
    expect(await send("/json", "other", Buffer.from("{}"))).toMatchObject({ status: 200 })
    clock.move(1_000)
    expect(await send("/json", "often", Buffer.from("{}"))).toMatchObject({ status: 200 })
  })

  it("that goes on although it is told to wait is answered late, and at last not at all, and nobody else is", async () => {
    const ask = (key: string) =>
      app.inject({ method: "GET", url: "/v1/none", headers: { host: "localhost", authorization: `Bearer ${key}` } })
    for (let index = 0; index < 132; index++) await ask("deaf")
    let ended = 0
    let answered = 0
    const tooMany = Promise.withResolvers<number>()
    const calls = Array.from({ length: 40 }, () => {
      const socket = connect(port, "127.0.0.1")
      socket.on("data", () => answered++).on("error", () => undefined)
      socket.write("GET /v1/none HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer deaf\r\n\r\n")
      socket.on("close", () => ++ended === 8 && tooMany.resolve(answered))
      return socket
    })
    // As many as may wait do; the connections of the others end.
    expect(await tooMany.promise).toBe(0)
    expect((await ask("other")).statusCode).toBe(404)
    for (const socket of calls) socket.destroy()
  })

  it("is one caller's, however the key is spelled and whatever stands beside a session's cookie", async () => {
    const ask = async (headers: Record<string, string>) =>
      (await app.inject({ method: "GET", url: "/v1/none", headers: { host: "localhost", ...headers } })).statusCode
    const spellings = ["Bearer", "bearer", "BEARER", "bEARER"].map((word) => ({ authorization: `${word} spelled` }))
    const cookies = Array.from({ length: 100 }, (_, index) => ({
      cookie: `x${index}=1; nightlight=spelled; y=${index}`,
    }))
    for (const headers of [...Array.from({ length: 25 }, () => spellings).flat(), ...cookies]) {
      expect(await ask(headers)).toBe(404)
    }
    expect(await ask({ authorization: "beareR spelled" })).toBe(429)
    expect(await ask({ authorization: "Bearer spelled", cookie: "nightlight=another" })).toBe(429)
    expect(await ask({ cookie: "nightlight=spelled" })).toBe(429)
    expect(await ask({ cookie: "nightlight=another" })).toBe(404)
  })

  it("of strangers' bodies that never end leaves keys and probes alone", async () => {
    const held = await Promise.all(Array.from({ length: 256 }, () => hang("/open", "")))
    await until(429, () => send("/open", "", Buffer.from("{}")))
    expect(await send("/json", "other", Buffer.from("{}"))).toMatchObject({ status: 200 })
    expect(await ready()).toBe(200)
    for (const socket of held) socket.destroy()
    await until(200, () => send("/open", "", Buffer.from("{}")))
  })
})

describe("a body", () => {
  it("that is too large is refused by its length alone, and its sender sees the answer", async () => {
    expect(await send("/json", "large", Buffer.alloc(14 * MIB, " "))).toMatchObject({
      status: 413,
      code: "body_too_large",
    })
  })

  it("that is too large and does not say so is refused as it comes", async () => {
    const body = Buffer.concat([Buffer.from('"'), Buffer.alloc(14 * MIB, "a")])
    expect(await send("/json", "large", body, true)).toMatchObject({ status: 413, code: "body_too_large" })
  })

  it("that is a long picture is read: one long string costs a search", async () => {
    const body = Buffer.from(JSON.stringify({ base64: "A".repeat(BODY_BYTES) }))
    expect(await send("/json", "picture", body)).toEqual({ status: 200, code: undefined, retryAfter: undefined })
  })

  it("that a route reads in step takes little room, however long it is", async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => send("/raw", "raw", Buffer.alloc(20 * MIB))))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })
})
