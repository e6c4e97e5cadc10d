import { describe, expect, it } from "vitest"
import { Breaker } from "../../src/checks/classifiers/remote/breaker.ts"
import { classifierService, FAULTS } from "../support/classifier-service.ts"

const never = new AbortController().signal

describe("a classifier's service", () => {
  it("is retried after being unavailable, and not after a wrong answer", async () => {
    let calls = 0
    await using server = await classifierService(
      (_, response) => (++calls === 1 ? response.writeHead(503).end() : { fine: true }),
      { retries: 1 },
    )
    expect(await server.service.ask("/x", {}, never)).toEqual({ fine: true })
    server.answer = FAULTS["an error with status 200"] ?? (() => ({}))
    await expect(server.service.ask("/x", {}, never)).rejects.toMatchObject({ code: "answer_malformed" })
    expect(server.asked).toHaveLength(3)
  })

  it("is not called after consecutive failures, tried once after a while, and used again when it answers", async () => {
    let now = 0
    const clock = { now: () => new Date(now) }
    await using server = await classifierService(FAULTS["status 503"] ?? (() => ({})), { failures: 2, clock })
    const ask = () => server.service.ask("/x", {}, never)
    expect(server.service.breaker).toBe("closed")
    for (let call = 0; call < 2; call++) await expect(ask()).rejects.toMatchObject({ code: "unavailable" })
    expect(server.service.breaker).toBe("open")
    await expect(server.service.ready()).rejects.toMatchObject({ code: "unavailable", details: { breaker: "open" } })
    await expect(ask()).rejects.toMatchObject({ details: { breaker: "open" } })
    expect(server.asked).toHaveLength(2)
    now += 10_000
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" })
    expect(server.asked).toHaveLength(3)
    await expect(ask()).rejects.toMatchObject({ details: { breaker: "open" } })
    now += 10_000
    server.answer = () => ({ fine: true })
    expect(await Promise.allSettled([ask(), ask()])).toMatchObject([{ status: "fulfilled" }, { status: "rejected" }])
    await server.service.ready()
    expect(server.asked).toHaveLength(4)
  })

  it("is tried by one call only, even while earlier calls end", async () => {
    let now = 0
    const breaker = new Breaker({ failures: 1, openMs: 10 }, { now: () => new Date(now) })
    const calls = Array.from({ length: 3 }, () => Promise.withResolvers<void>())
    const run = (offset: number) =>
      breaker
        .run(
          () => calls[offset]!.promise,
          () => true,
        )
        .catch(() => "failed")
    const [before, failing] = [run(0), run(1)]
    calls[1]!.reject(new Error("failed"))
    expect(await failing).toBe("failed")
    now = 100
    const trial = run(2)
    calls[0]!.reject(new Error("failed"))
    expect(await before).toBe("failed")
    now = 200
    expect(breaker.state).toBe("half_open")
    expect(
      await breaker
        .run(
          async () => "let through",
          () => true,
        )
        .catch(() => "kept away"),
    ).toBe("kept away")
    calls[2]!.resolve()
    await trial
    expect(breaker.state).toBe("closed")
  })

  it("is not blamed for a caller that gave up", async () => {
    await using server = await classifierService(() => undefined, { failures: 1 })
    const gone = new AbortController()
    const asking = server.service.ask("/x", {}, gone.signal)
    gone.abort()
    await expect(asking).rejects.toThrow()
    expect(server.service.breaker).toBe("closed")
  })
})
