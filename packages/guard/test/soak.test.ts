import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { type MockUpstream, startUpstream } from "@nightlight/dev-env/guard/upstream"
import { Pool } from "undici"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  ACCOUNT_DAILY,
  endlessBytes,
  openSlowReaders,
  sendBlocks,
  sendMixed,
  soakAnswers,
} from "./support/soak-traffic.ts"

const CALLS = 6_000
const READERS = 200
const BLOCKS = 100_000
const MB = 1_000_000

interface Told {
  readonly bytes: number
  readonly sockets: number
  readonly spooled: number
}

let upstream: MockUpstream
let child: ChildProcess
let url: URL
beforeAll(async () => {
  upstream = await startUpstream()
  soakAnswers(upstream)
  child = fork(join(import.meta.dirname, "support/soak-child.ts"), [upstream.url], {
    execArgv: ["--expose-gc", "-C", "@nightlight/source"],
  })
  const [{ url: told }] = (await once(child, "message")) as [{ url: string }]
  url = new URL(told)
})
afterAll(async () => {
  child.send("stop")
  const [code] = (await once(child, "exit")) as [number]
  await upstream.close()
  expect(code).toBe(0)
})

async function told(): Promise<Told> {
  child.send("tell")
  const [answer] = (await once(child, "message")) as [Told]
  return answer
}

async function withPool<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  // The time that a test may take is the only limit of a call.
  const pool = new Pool(url.origin, { connections: 32, headersTimeout: 0, bodyTimeout: 0 })
  try {
    return await work(pool)
  } finally {
    await pool.destroy()
  }
}

/** Nobody calls: kept connections to the upstream close by themselves. */
async function untilQuiet(): Promise<Told> {
  await expect.poll(async () => (await told()).sockets, { timeout: 30_000, interval: 200 }).toBe(0)
  return told()
}

describe("a guard under mixed traffic", () => {
  it("answers each call correctly, with flat memory and no leaked connection", { timeout: 900_000 }, async () => {
    expect(await withPool((pool) => sendMixed(pool, CALLS))).toEqual([])
    const before = await untilQuiet()
    expect(await withPool((pool) => sendMixed(pool, CALLS))).toEqual([])
    const after = await untilQuiet()
    expect(after.bytes - before.bytes).toBeLessThan(12 * MB)
    expect(child.exitCode).toBeNull()
  })

  it("serves others in bounded memory while some callers do not read", { timeout: 900_000 }, async () => {
    const before = await untilQuiet()
    const readers = await openSlowReaders(url, READERS)
    expect(await withPool((pool) => sendMixed(pool, 48))).toEqual([])
    let sent = 0
    const stalled = () => {
      const before = sent
      sent = endlessBytes()
      return sent === before
    }
    await expect.poll(stalled, { timeout: 600_000, interval: 500 }).toBe(true)
    // The system's own buffers take some megabytes of each. What was taken is kept as it came, for evidence, and its text
    // in the order in which it is read; no more than that.
    expect((await told()).bytes - before.bytes).toBeLessThan(2 * sent)
    expect(sent).toBeLessThan(READERS * 24 * MB)
    for (const reader of readers) reader.destroy()
    expect((await untilQuiet()).bytes - before.bytes).toBeLessThan(6 * MB)
  })

  it("records an account's blocks up to its share, and serves the others", { timeout: 900_000 }, async () => {
    const before = await untilQuiet()
    const statuses = await withPool((pool) => sendBlocks(pool, "one-account", BLOCKS))
    // Blocked, and when its share is spent refused before anything is looked at.
    expect([...statuses].sort((a, b) => a - b)).toEqual([400, 503])
    const after = await untilQuiet()
    // Calls that were under way together may each still find room.
    expect(after.spooled - before.spooled).toBeLessThanOrEqual(ACCOUNT_DAILY + 16)
    expect(after.spooled - before.spooled).toBeGreaterThanOrEqual(ACCOUNT_DAILY)
    expect(after.bytes - before.bytes).toBeLessThan(60 * MB)
    expect(await withPool((pool) => sendMixed(pool, 48))).toEqual([])
    await withPool((pool) => sendBlocks(pool, "another-account", 1))
    expect((await told()).spooled).toBeGreaterThan(after.spooled)
  })
})
