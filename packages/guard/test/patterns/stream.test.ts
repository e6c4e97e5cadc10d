import { describe, expect, it } from "vitest"
import { createPatternCheck } from "../../src/checks/patterns/pattern-check.ts"
import { createEngine } from "../../src/engine/engine.ts"
import { holdBack } from "../support/held.ts"

const SETTINGS = {
  mode: "windows",
  windowChars: 8,
  firstWindowChars: 4,
  maxHeldBytes: 1_000_000,
  maxHeldPictureBytes: 8_000_000,
  keepAliveMs: 10_000,
} as const
const rules = [{ name: "bird", decision: "block" as const, phrases: ["blue canary", "canary"] }]
const lists = createPatternCheck({ name: "lists", directions: ["output"], rules, deadlineMs: 10_000 })

/** Streams texts through hold-back; everything answers at once. */
function stream(texts: readonly string[]): { readonly released: string; readonly blocked: boolean } {
  const held = holdBack({
    engine: createEngine({ checks: [lists], isExcepted: () => true, now: () => new Date() }),
    codec: { text: (_step, cleared) => [cleared] },
    settings: SETTINGS,
  })
  const { hold } = held
  for (const text of texts) {
    hold.accept([
      { kind: "text", lane: 0, track: "0.content", role: "assistant", channel: "text", choice: 0, path: "x", text },
    ])
  }
  hold.accept([
    { kind: "close", lane: 0, track: "0.content", frames: [] },
    { kind: "end", frames: ["."] },
  ])
  return { released: held.released, blocked: held.stop !== undefined }
}

describe("pattern lists over a stream", () => {
  it.each([
    "see the blue canary sing",
    "the canary",
    "c.a.n.a.r.y is here",
    "it is %63an%61ry so",
    `in base64 ${Buffer.from("a canary").toString("base64")} yes`,
    `c${"\u200b".repeat(500)}anary`,
  ])("find the same in pieces of every size as in the whole: %j", (text) => {
    for (let size = 1; size <= text.length; size += size < 20 ? 1 : 97) {
      const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.slice(index * size, (index + 1) * size),
      )
      const { released, blocked } = stream(pieces)
      expect(blocked, `pieces of ${size}`).toBe(true)
      expect(text.startsWith(released)).toBe(true)
    }
  })

  it.each([
    ["can", "ary", "seed is no bird"],
    ["the canary", "grass"],
    ["s", "canary"],
    ["no bird at all, ", "and more"],
  ])("do not take a cut for the end of a word: %j %j", (...pieces) => {
    expect(stream(pieces)).toEqual({ released: `${pieces.join("")}.`, blocked: false })
  })
})
