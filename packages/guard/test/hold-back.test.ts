import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { Check } from "../src/checks/check.ts"
import { createEngine } from "../src/engine/engine.ts"
import type { HoldBackSettings } from "../src/setup/setup.ts"
import type { StreamStep } from "../src/stream/codec.ts"
import { HoldBack, type Stop } from "../src/stream/hold-back.ts"
import { chatContext, holdBack } from "./support/held.ts"

const SETTINGS: HoldBackSettings = {
  mode: "windows",
  windowChars: 12,
  firstWindowChars: 4,
  maxHeldBytes: 1_000_000,
  maxHeldPictureBytes: 8_000_000,
  keepAliveMs: 10_000,
}
const CONTEXT = chatContext("output")
const WORD = "canary-phrase"

/** A check that knows one phrase and nothing else, and needs its length of what came before. */
const words: Check = {
  name: "words",
  kind: "text",
  coverage: { directions: ["output"], media: ["text"] },
  deadlineMs: 10_000,
  failureMode: "closed",
  overlapChars: WORD.length,
  run: (items) => ({
    signals: items.some((item) => item.kind === "text" && item.text.toLowerCase().includes(WORD))
      ? [{ check: "words", rule: "canary", decision: "block" }]
      : [],
    screened: true,
  }),
}

/** The same, by a check that can tell where the phrase may have begun. */
const exact: Check = {
  ...words,
  name: "exact",
  pendingFrom: (text) => {
    const lower = text.toLowerCase()
    for (let start = Math.max(0, text.length - WORD.length + 1); start < text.length; start++) {
      if (WORD.startsWith(lower.slice(start))) return start
    }
    return text.length
  },
}

/** The same words, by a check that takes its time: a classifier. */
const slow: Check = {
  ...words,
  name: "slow",
  kind: "classifier",
  run: async (items, context, signal) => {
    await new Promise((resolve) => setImmediate(resolve))
    return words.run(items, context, signal)
  },
}

interface Run {
  readonly released: string
  readonly stop: Stop | undefined
}

async function run(checks: readonly Check[], texts: readonly string[], settings = SETTINGS): Promise<Run> {
  const held = holdBack({
    engine: createEngine({ checks, isExcepted: () => true, now: () => new Date() }),
    codec: { text: (_step, cleared) => [cleared] },
    settings,
  })
  const { hold } = held
  const step = (text: string): StreamStep => ({
    kind: "text",
    lane: 0,
    track: "0.content",
    role: "assistant",
    channel: "text",
    choice: 0,
    path: "x",
    text,
  })
  for (const text of texts) {
    hold.accept([step(text)])
    if (text.length % 3 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  hold.accept([
    { kind: "close", lane: 0, track: "0.content", frames: ["|"] },
    { kind: "end", frames: ["."] },
  ])
  while (hold.isChecking && !hold.isStopped) await hold.idle()
  return { released: held.released, stop: held.stop }
}

describe.each<[string, readonly Check[]]>([
  ["a check that answers at once", [words]],
  ["a classifier", [slow]],
  ["both", [words, slow]],
  ["one that can tell what is pending", [exact]],
  ["all of them", [exact, words, { ...exact, name: "slow", kind: "classifier", run: (...of) => slow.run(...of) }]],
])("text held back for %s", (_, checks) => {
  it("is released whole and in order when nothing is found", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 30 }), async (texts) => {
        fc.pre(!texts.join("").toLowerCase().includes(WORD))
        const { released, stop } = await run(checks, texts)
        expect(stop).toBeUndefined()
        expect(released).toBe(`${texts.join("")}|.`)
      }),
      { numRuns: 60 },
    )
  })

  it("never releases the end of a match, wherever the deltas are cut", async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 })
    const around = fc.string({ maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(around, around, cuts, async (before, after, sizes) => {
        const text = before + WORD + after
        const texts: string[] = []
        for (let offset = 0, turn = 0; offset < text.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          texts.push(text.slice(offset, offset + size))
          offset += size
        }
        const { released, stop } = await run(checks, texts)
        expect(stop?.outcome.action).toBe("block")
        expect(released.toLowerCase()).not.toContain(WORD)
        expect(text.startsWith(released)).toBe(true)
      }),
      { numRuns: 120 },
    )
  })
})

describe("a stream that is held back", () => {
  it("releases nothing before its end in the mode `all`", async () => {
    const settings = { ...SETTINGS, mode: "all" as const }
    expect((await run([words], ["good ", "words ", "only ", WORD], settings)).released).toBe("")
    expect((await run([words], ["good ", "words"], settings)).released).toBe("good words|.")
  })

  it("ends as unavailable when a classifier throws, hangs or answers in the wrong shape", async () => {
    const broken: readonly Check["run"][] = [
      () => Promise.reject(new Error("canary")),
      () => new Promise(() => {}),
      () => ({ signals: "none" }) as never,
      () => {
        throw new Error("canary")
      },
    ]
    for (const bad of broken) {
      const { released, stop } = await run([{ ...slow, deadlineMs: 20, run: bad }], ["some words of an answer"])
      expect(stop?.outcome.action).toBe("unavailable")
      expect(released).toBe("")
    }
  })

  it("ends when too much is held", async () => {
    const never: Check = { ...slow, run: () => new Promise(() => {}) }
    const { stop } = await run([never], ["x".repeat(600), "y".repeat(600)], { ...SETTINGS, maxHeldBytes: 1_000 })
    expect(stop?.outcome.failures).toEqual([{ check: "hold-back", cause: "held_text_too_long" }])
  })

  it("ends when cleared text cannot be written, whichever check cleared it", async () => {
    let stop: Stop | undefined
    const hold = new HoldBack({
      engine: createEngine({ checks: [slow], isExcepted: () => true, now: () => new Date() }),
      codec: {
        text: () => {
          throw new Error("cannot be written")
        },
      },
      context: CONTEXT,
      settings: SETTINGS,
      signal: new AbortController().signal,
      release: () => {},
      stop: (given) => {
        stop = given
      },
    })
    const step = { kind: "text", lane: 0, track: "0", role: "assistant", channel: "text", choice: 0, path: "" } as const
    hold.accept([{ ...step, text: "some words of an answer that is long enough" }])
    await hold.idle()
    expect(stop?.outcome.action).toBe("unavailable")
  })

  it("is checked once and written once for everything that one read brought", () => {
    let looked = 0
    const writes: string[] = []
    const counted: Check = {
      ...words,
      run: (...of) => {
        looked++
        return words.run(...of)
      },
    }
    const hold = new HoldBack({
      engine: createEngine({ checks: [counted], isExcepted: () => true, now: () => new Date() }),
      codec: { text: (_step, cleared) => [cleared] },
      context: CONTEXT,
      settings: SETTINGS,
      signal: new AbortController().signal,
      release: (frames) => writes.push(frames.join("")),
      stop: () => {},
    })
    const step = { kind: "text", lane: 0, track: "0", role: "assistant", channel: "text", choice: 0, path: "" } as const
    hold.accept(Array.from({ length: 100 }, () => ({ ...step, text: "word " })))
    expect(looked).toBe(1)
    expect(writes).toHaveLength(1)
  })

  it("is released at its end where a message has only whole parts, such as one tool call", async () => {
    const ended = async (name: string, args: string): Promise<Run> => {
      const held = holdBack({
        engine: createEngine({ checks: [exact], isExcepted: () => true, now: () => new Date() }),
        codec: { text: (_step, cleared) => [cleared] },
        settings: SETTINGS,
      })
      const { hold } = held
      const item = { kind: "text", role: "assistant", channel: "tool_call", choice: 0, path: "" } as const
      const items = [name, args].map((text) => ({ ...item, text }))
      hold.accept([
        { kind: "whole", lane: 0, items, frames: ["(call)"] },
        { kind: "end", frames: ["."] },
      ])
      while (hold.isChecking && !hold.isStopped) await hold.idle()
      return { released: held.released, stop: held.stop }
    }
    expect(await ended("look", '{"at":"a lantern, c')).toEqual({ released: "(call).", stop: undefined })
    const { released, stop } = await ended("canary", "-phrase")
    expect(released).toBe("")
    expect(stop).toBeDefined()
  })

  it("never cuts a character in two", async () => {
    const { released } = await run([words], ["a😀b😀c😀", "d😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "e"])
    expect(released.isWellFormed()).toBe(true)
  })
})
