/**
 * Traffic of a soak: what callers send and what upstreams do to it, the worst of both among it.
 * @module
 */
import { createHmac, randomUUID } from "node:crypto"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import {
  chatAnswer,
  chunk,
  completion,
  events,
  json,
  type MockUpstream,
  stream,
} from "@nightlight/dev-env/guard/upstream"
import type { Dispatcher } from "undici"
import { END_USER_HEADERS, signedText } from "../../src/accounts/signed-headers.ts"

/** Signs the end users of a soak. */
export const SOAK_SECRET: Uint8Array = Buffer.from("a secret for tests, of 32 bytes!")

/** The key of a soak's callers, and its id. */
export const SOAK_KEY = "soak-key-for-tests"
export const SOAK_CALLER = "our-app"

/** Incidents of one account a day. */
export const ACCOUNT_DAILY = 40

type Answer = MockUpstream["answer"]

/** A stream that has begun and does not go on: it ends when the guard gives it up. */
const hanging: Answer = (_seen, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" }).write(events(chunk({ role: "assistant" })))
}

let endlessSent = 0

/** Bytes that endless streams have given so far. */
export function endlessBytes(): number {
  return endlessSent
}

/** A stream as long as its reader bears. */
const endless: Answer = async (_seen, response) => {
  response.writeHead(200, { "content-type": "text/event-stream" })
  const gone = once(response, "close")
  const piece = events(chunk({ content: "harmless words ".repeat(200) }))
  while (!response.destroyed) {
    endlessSent += piece.length
    if (!response.write(piece)) await Promise.race([once(response, "drain"), gone])
  }
}

const BY_MODEL: Readonly<Record<string, Answer>> = {
  "lie-type": (_seen, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<p>hello</p>")
  },
  "lie-error": json({ error: { message: "canary" } }),
  "lie-shape": json({ choices: "none" }),
  "lie-cut": (_seen, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": 500 })
    response.write('{"id":"chat', () => response.destroy())
  },
  "lie-stream": stream(events(chunk({ content: "half" })), "data: {"),
  "canary-answer": json(chatAnswer({ content: "here is the canary-phrase" })),
  hanging,
  endless,
}

/** Answers by the model that was asked for; keeps nothing. */
export function soakAnswers(upstream: MockUpstream): void {
  const plain = completion("hello there, all is well")
  upstream.answer = (seen, response, request) => {
    upstream.seen.length = 0
    return (BY_MODEL[String(seen.body["model"])] ?? plain)(seen, response, request)
  }
}

/** A call and how it must end. */
interface Call {
  readonly body: string
  readonly status: number
  readonly abort?: true
}

function chat(content: string, status: number, more: object = {}, rest: { abort?: true } = {}): Call {
  return { body: JSON.stringify({ model: "m", messages: [{ role: "user", content }], ...more }), status, ...rest }
}

/** Kinds of calls, one after another. */
function callAt(n: number): Call {
  const kinds: readonly (() => Call)[] = [
    () => chat(`a question, number ${n}`, 200),
    () => chat("a question", 200, { stream: true }),
    () => chat("a canary-phrase", 400),
    () => chat("a question", 200, { model: "canary-answer" }),
    () => ({ body: '{"model":"m","model":"m"', status: 400 }),
    () => chat("a question", 400, { unknown_field: n }),
    () => chat("a question", 200, { model: "hanging", stream: true }, { abort: true }),
    () => chat("a question", 502, { model: "lie-type" }),
    () => chat("a question", 502, { model: "lie-error" }),
    () => chat("a question", 502, { model: "lie-shape" }),
    () => chat("a question", 502, { model: "lie-cut" }),
    () => chat("a question", 200, { model: "lie-stream", stream: true }),
  ]
  return (kinds[n % kinds.length] as () => Call)()
}

const HEADERS = { "content-type": "application/json", authorization: `Bearer ${SOAK_KEY}` }

/** Sends so many mixed calls, some at once; gives what did not end as it must. */
export async function sendMixed(pool: Dispatcher, calls: number): Promise<readonly string[]> {
  const wrong: string[] = []
  let next = 0
  const one = async (): Promise<void> => {
    for (let n = next++; n < calls; n = next++) {
      const { body, status, abort } = callAt(n)
      const aborting = new AbortController()
      const answer = await pool.request({
        method: "POST",
        path: "/v1/chat/completions",
        headers: HEADERS,
        body,
        signal: aborting.signal,
      })
      if (answer.statusCode !== status) wrong.push(`call of kind ${n % 12}: ${answer.statusCode}`)
      if (abort === true) {
        answer.body.on("error", () => {})
        aborting.abort()
      } else await answer.body.text()
    }
  }
  await Promise.all(Array.from({ length: 16 }, one))
  return wrong
}

/** Headers of an end user, signed. */
function signedUser(id: string): Record<string, string> {
  const given: Record<string, string> = {
    "x-nightlight-user": id,
    "x-nightlight-timestamp": String(Math.floor(Date.now() / 1000)),
    "x-nightlight-nonce": randomUUID(),
  }
  const text = signedText(
    SOAK_CALLER,
    END_USER_HEADERS.map((name) => given[name] ?? ""),
  )
  return { ...given, "x-nightlight-signature": `v1=${createHmac("sha256", SOAK_SECRET).update(text).digest("hex")}` }
}

/** One account sends so many blocked calls, each another; gives the statuses it saw. */
export async function sendBlocks(pool: Dispatcher, user: string, blocks: number): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>()
  let next = 0
  const one = async (): Promise<void> => {
    for (let n = next++; n < blocks; n = next++) {
      const { body } = chat(`a canary-phrase, number ${n}`, 400)
      const headers = { ...HEADERS, ...signedUser(user) }
      const answer = await pool.request({ method: "POST", path: "/v1/chat/completions", headers, body })
      statuses.add(answer.statusCode)
      await answer.body.dump()
    }
  }
  await Promise.all(Array.from({ length: 16 }, one))
  return statuses
}

/** Opens so many connections that ask for an endless stream and never read it. */
export async function openSlowReaders(url: URL, readers: number): Promise<readonly Socket[]> {
  const { body } = chat("a question", 200, { model: "endless", stream: true })
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: ${url.host}\r\ncontent-type: application/json\r\n`
  const authorized = `${head}authorization: ${HEADERS.authorization}\r\n`
  return Promise.all(
    Array.from({ length: readers }, async () => {
      const socket = connect(Number(url.port), url.hostname).on("error", () => {})
      await once(socket, "connect")
      socket.write(`${authorized}content-length: ${body.length}\r\n\r\n${body}`)
      // Its beginning has come; nothing is read from here on.
      await once(socket, "readable")
      return socket
    }),
  )
}
