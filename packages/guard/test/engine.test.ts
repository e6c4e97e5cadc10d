import { describe, expect, it } from "vitest"
import type { Check, CheckContext, Signal } from "../src/checks/check.ts"
import { createEngine } from "../src/engine/engine.ts"
import type { CheckItem } from "../src/inspect/inspectable.ts"
import { chatContext } from "./support/held.ts"

const CONTEXT: CheckContext = chatContext("input")
const TEXT: CheckItem = { kind: "text", role: "user", channel: "text", choice: 0, path: "x", text: "hello" }
const IMAGE: CheckItem = {
  kind: "bytes",
  role: "user",
  channel: "image",
  choice: 0,
  path: "y",
  bytes: new Uint8Array(1),
}

function check(name: string, kind: Check["kind"], over: Partial<Check> = {}): Check {
  return {
    name,
    kind,
    coverage: { directions: ["input", "output"], media: ["text", "image"] },
    deadlineMs: 1_000,
    failureMode: "closed",
    run: () => ({ signals: [], screened: true }),
    ...over,
  }
}
const says = (decision: Signal["decision"], rest: Partial<Signal> = {}): Check["run"] => {
  return () => ({ signals: [{ check: "x", rule: "r", decision, ...rest }], screened: true })
}
const run = (checks: readonly Check[], items: readonly CheckItem[] = [TEXT], isExcepted = false) =>
  createEngine({ checks, isExcepted: () => isExcepted, now: () => new Date("2026-06-01T00:00:00Z") }).run(
    items,
    CONTEXT,
    new AbortController().signal,
  )

describe("the engine", () => {
  it("passes content that every check clears, synchronously where the checks answer synchronously", () => {
    expect(run([check("a", "match"), check("b", "text")])).toMatchObject({ decision: "clear", action: "pass" })
  })

  it.each(["review", "block", "quarantine", "inconclusive"] as const)("blocks on %s", async (decision) => {
    expect(await run([check("a", "text", { run: says(decision) })])).toMatchObject({ decision, action: "block" })
  })

  it("asks no classifier about content that matched a list, or for which the match failed", async () => {
    const asked: string[] = []
    const classifier = check("c", "classifier", {
      run: () => {
        asked.push("c")
        return { signals: [], screened: true }
      },
    })
    const failing = () => Promise.reject(new Error("x"))
    expect(await run([check("a", "match", { run: says("quarantine") }), classifier])).toMatchObject({ action: "block" })
    expect(await run([check("a", "match", { run: failing }), classifier])).toMatchObject({ action: "unavailable" })
    expect(await run([check("a", "match", { run: says("block", { shadow: true }) }), classifier])).toMatchObject({
      action: "block",
    })
    expect(asked).toEqual([])
    await run([check("a", "match"), classifier])
    expect(asked).toEqual(["c"])
  })

  it("waits for every match check before it runs any other", async () => {
    const order: string[] = []
    const note =
      (name: string, turns: number): Check["run"] =>
      async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        order.push(name)
        return { signals: [], screened: true }
      }
    const checks = [
      check("slow match", "match", { run: note("slow match", 50) }),
      check("match", "match", { run: note("match", 1) }),
      check("text", "text", { run: note("text", 1) }),
      check("classifier", "classifier", { run: note("classifier", 1) }),
    ]
    await run(checks)
    expect(order).toEqual(["match", "slow match", "text", "classifier"])
  })

  it("starts no check for a caller who is gone", () => {
    let begun = 0
    const failing = check("a", "match", {
      run: async () => {
        begun++
        throw new Error("x")
      },
    })
    const engine = createEngine({ checks: [failing], isExcepted: () => false, now: () => new Date() })
    const gone = new Error("gone")
    expect(() => engine.run([TEXT], CONTEXT, AbortSignal.abort(gone))).toThrow(gone)
    expect(begun).toBe(0)
  })

  it("records a rule in shadow, and changes nothing", async () => {
    const outcome = await run([check("a", "text", { run: says("block", { shadow: true }) })])
    expect(outcome).toMatchObject({ decision: "clear", action: "pass", signals: [{ check: "a", shadow: true }] })
  })

  it.each([
    ["throws", () => Promise.reject(new Error("x")), "failed"],
    ["hangs", () => new Promise<never>(() => {}), "timed_out"],
    ["answers in the wrong shape", () => ({ signals: [{ rule: 1 }], screened: true }) as never, "malformed"],
    ["speaks of an item there is not", says("clear", { item: 7 }), "malformed"],
    ["says nothing", () => undefined as never, "malformed"],
  ] as const)("lets nothing pass when a check %s", async (_, bad, cause) => {
    const failed = { ...check("a", "classifier", { run: bad as Check["run"], deadlineMs: 20 }) }
    expect(await run([failed])).toMatchObject({
      decision: "inconclusive",
      action: "unavailable",
      failures: [{ check: "a", cause }],
    })
  })

  it("excuses a failure only while its failure mode is open and in force, and never a match check's", async () => {
    const bad = { run: () => Promise.reject(new Error("x")), failureMode: "open" as const }
    const inForce = { ...bad, openUntil: "2026-07-01T00:00:00Z" }
    expect(await run([check("a", "classifier", inForce)])).toMatchObject({
      action: "pass",
      failures: [{ excused: true }],
    })
    expect(await run([check("a", "classifier", { ...bad, openUntil: "2026-05-01T00:00:00Z" })])).toMatchObject({
      action: "unavailable",
    })
    expect(await run([check("a", "classifier", bad)])).toMatchObject({ action: "unavailable" })
    expect(await run([check("a", "match", inForce)])).toMatchObject({ action: "unavailable" })
  })

  it("lets nothing pass without a real check, unless an exception excuses it", async () => {
    const blind = check("a", "match", {
      coverage: { directions: ["input"], media: ["image"] },
      run: () => ({ signals: [], screened: false }),
    })
    expect(await run([blind], [IMAGE])).toMatchObject({ action: "unavailable", failures: [{ cause: "unscreened" }] })
    expect(await run([], [TEXT])).toMatchObject({ action: "unavailable" })
    expect(await run([blind], [IMAGE], true)).toMatchObject({ action: "pass" })
    expect(await run([{ ...blind, run: says("block") }], [IMAGE], true)).toMatchObject({ action: "block" })
  })

  it("gives a check only the items it covers, and says which item each signal is about", async () => {
    const images = check("a", "match", {
      coverage: { directions: ["input"], media: ["image"] },
      run: (items) => ({
        signals: items.map((_, item) => ({ check: "a", rule: "r", decision: "block" as const, item })),
        screened: true,
      }),
    })
    expect(await run([images, check("t", "text")], [TEXT, IMAGE, TEXT, IMAGE])).toMatchObject({
      signals: [{ item: 1 }, { item: 3 }],
    })
  })

  it("stops when the caller is gone", async () => {
    const gone = new AbortController()
    const engine = createEngine({
      checks: [check("a", "classifier", { run: () => new Promise(() => {}) })],
      isExcepted: () => false,
      now: () => new Date(),
    })
    const outcome = engine.run([TEXT], CONTEXT, gone.signal)
    gone.abort()
    await expect(outcome).rejects.toMatchObject({ name: "AbortError" })
  })
})
