import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { Verdict } from "../../src/checks/check.ts"
import { createPatternCheck } from "../../src/checks/patterns/pattern-check.ts"
import type { TextPart } from "../../src/inspect/inspectable.ts"
import { chatContext } from "../support/held.ts"

const rules = [{ name: "phrase", decision: "block" as const, phrases: ["quartz umbrella violet"] }]
const lists = createPatternCheck({ name: "lists", directions: ["input"], rules, deadlineMs: 60_000 })
const CONTEXT = chatContext("input")

let turns = 0
let counting: NodeJS.Immediate | undefined
function countTurns(): void {
  turns++
  counting = setImmediate(countTurns)
}
beforeEach(() => {
  turns = 0
  countTurns()
})
afterEach(() => clearImmediate(counting))

function run(texts: readonly string[], stop = new AbortController().signal): Verdict | Promise<Verdict> {
  const items = texts.map((text, index): TextPart => {
    const path = `messages[${index}].content`
    return { kind: "text", role: "user", channel: "text", choice: 0, path, text }
  })
  return lists.run(items, CONTEXT, stop)
}

const PROSE = "plain words of no weight, said again and again. "

describe("a long text", () => {
  it("is checked in slices of 65,536 characters, between which other work gets its turn", async () => {
    const verdict = run([PROSE.repeat(20_000)])
    expect(verdict).toBeInstanceOf(Promise)
    expect((await verdict).signals).toEqual([])
    expect(turns).toBeGreaterThan(12)
  })

  it("leaves turns to other work, too, when it consists of many short ones", async () => {
    await run(Array.from({ length: 2_000 }, () => PROSE.repeat(10)))
    expect(turns).toBeGreaterThan(12)
  })

  it("gives the same matches as without slices, wherever a slice ends", async () => {
    for (const offset of [65_536 - 30, 65_536 - 12, 65_536 - 1, 65_536, 131_072 - 5]) {
      const text = `${PROSE.repeat(5_000).slice(0, offset - 1)} quartz umbrella violet ${PROSE.repeat(100)}`
      expect((await run([text])).signals, String(offset)).toHaveLength(1)
      const longer = text.replace(" quartz", " xquartz")
      expect((await run([longer])).signals, String(offset)).toEqual([])
    }
  })

  it("is checked synchronously when it is short", () => {
    expect(run([PROSE])).not.toBeInstanceOf(Promise)
  })

  it("is abandoned when nobody waits for it any more", async () => {
    const stop = new AbortController()
    const verdict = run([PROSE.repeat(20_000)], stop.signal)
    stop.abort(new Error("gone"))
    await expect(verdict).rejects.toThrow("gone")
  })
})
