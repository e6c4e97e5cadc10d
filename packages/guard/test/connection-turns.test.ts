import { startTestGuard } from "@nightlight/dev-env/guard/guard"
import { describe, expect, it } from "vitest"
import { createConnectionTurns } from "../src/upstream/connection-turns.ts"

const never = new AbortController().signal

describe("turns at the upstream's connections", () => {
  it("go to callers in order of arrival, once each", async () => {
    const turns = createConnectionTurns(1, 60_000)
    const order: number[] = []
    const first = await turns.take(never)
    const others = [1, 2].map(async (n) => {
      const giveBack = await turns.take(never)
      order.push(n)
      giveBack()
      giveBack()
    })
    expect(turns.waiting).toBe(2)
    first()
    await Promise.all(others)
    expect(order).toEqual([1, 2])
    expect(turns.waiting).toBe(0)
    const again = await turns.take(never)
    again()
  })

  it("are refused to a call that waited too long, and the queue stays as it was", async () => {
    const turns = createConnectionTurns(1, 1)
    const giveBack = await turns.take(never)
    await expect(turns.take(never)).rejects.toMatchObject({ code: "upstream_busy", status: 503, retryable: true })
    expect(turns.waiting).toBe(0)
    giveBack()
    ;(await turns.take(never))()
  })

  it("are not given to a caller who is gone", async () => {
    const turns = createConnectionTurns(1, 60_000)
    const giveBack = await turns.take(never)
    const gone = new AbortController()
    const waiting = turns.take(gone.signal)
    gone.abort(new Error("gone"))
    await expect(waiting).rejects.toThrow("gone")
    giveBack()
    ;(await turns.take(never))()
  })
})

it("a call beyond the upstream's connections is counted while it waits, then refused as retryable in the API's shape", async () => {
  const config = `version: 1
endpoints: [chat]
upstream: { connections: 1, waitSeconds: 0.5 }
checks:
  - { kind: hash-match }
  - { kind: patterns, name: words, file: patterns.yaml }
`
  await using running = await startTestGuard([], { config, exceptImages: true })
  const { guard, upstream } = running
  const held = Promise.withResolvers<void>()
  const answer = upstream.answer
  upstream.answer = async (...call) => {
    await held.promise
    await answer(...call)
  }
  const call = () =>
    fetch(`${guard.url}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [{ role: "user", content: "hello" }] }),
    })
  const first = call()
  await expect.poll(() => upstream.seen.length).toBe(1)
  const second = call()
  const measures = async () => (await fetch(`${guard.adminUrl}/metrics`)).text()
  await expect.poll(measures).toContain("nightlight_guard_upstream_waiting 1")
  const refused = await second
  expect(refused.status).toBe(503)
  expect(refused.headers.get("retry-after")).toBe("5")
  expect(await refused.json()).toMatchObject({ error: { code: "upstream_busy", type: "service_unavailable" } })
  held.resolve()
  expect((await first).status).toBe(200)
  expect(await measures()).toContain("nightlight_guard_upstream_waiting 0")
  expect((await call()).status).toBe(200)
})
