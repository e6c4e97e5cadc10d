import { describe, expect, it } from "vitest"
import type { Check } from "../src/checks/check.ts"
import { createEmbeddedMatch } from "../src/checks/hash-match/embedded.ts"
import { createEngine } from "../src/engine/engine.ts"
import type { HoldBackSettings } from "../src/setup/setup.ts"
import type { Stop } from "../src/stream/hold-back.ts"
import { holdBack } from "./support/held.ts"

const SETTINGS: HoldBackSettings = {
  mode: "windows",
  windowChars: 400,
  firstWindowChars: 100,
  maxHeldBytes: 100_000,
  maxHeldPictureBytes: 8_000_000,
  keepAliveMs: 1_000,
}

/** Knows no picture. */
const pictures: Check = {
  name: "lists",
  kind: "match",
  coverage: { directions: ["output"], media: ["image"] },
  deadlineMs: 60_000,
  failureMode: "closed",
  run: () => Promise.resolve({ signals: [], screened: true }),
}

interface Streamed {
  readonly released: () => string
  readonly stop: () => Stop | undefined
  readonly lookedChars: () => number
  /** Streams a text in deltas. */
  readonly say: (text: string, size: number) => Promise<void>
  readonly end: () => Promise<void>
}

function stream(settings = SETTINGS): Streamed {
  let lookedChars = 0
  const embedded = createEmbeddedMatch(pictures)
  const counted: Check = {
    ...embedded,
    run: (items, ...rest) => {
      for (const item of items) if (item.kind === "text") lookedChars += item.text.length
      return embedded.run(items, ...rest)
    },
  }
  const held = holdBack({
    engine: createEngine({ checks: [counted], isExcepted: () => true, now: () => new Date() }),
    codec: { text: (_step, cleared) => [cleared] },
    settings,
  })
  const { hold } = held
  const place = { kind: "text", lane: 0, track: "0", role: "assistant", channel: "text", choice: 0, path: "" } as const
  const idle = async () => {
    while (hold.isChecking && !hold.isStopped) await hold.idle()
  }
  return {
    released: () => held.released,
    stop: () => held.stop,
    lookedChars: () => lookedChars,
    say: async (text, size) => {
      for (let offset = 0; offset < text.length && !hold.isStopped; offset += size) {
        hold.accept([{ ...place, text: text.slice(offset, offset + size) }])
      }
      await idle()
    },
    end: async () => {
      hold.accept([{ kind: "end", frames: ["."] }])
      await idle()
    },
  }
}

/** A `data:` URL of a picture that is none but for its first bytes. */
function dataUrl(bytes: number): string {
  const picture = Buffer.alloc(bytes, "nothing to be seen here ")
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(picture)
  return `data:image/png;base64,${picture.toString("base64")}`
}

describe("a picture that is streamed within a text", () => {
  it.each([20, 977, 65_536])("of 4 MB, in pieces of %i, passes, and is checked only a few times", async (size) => {
    const { say, end, released, stop, lookedChars } = stream()
    const said = `![x](${dataUrl(size === 20 ? 1_000_000 : 4_000_000)})`
    await say(said, size)
    await say(" and what follows it. And more.", 20)
    // The text after it does not wait for the end.
    expect(released()).toContain(")")
    await end()
    expect(stop()).toBeUndefined()
    expect(released()).toBe(`${said} and what follows it. And more..`)
    expect(lookedChars()).toBeLessThan(said.length * 10)
  })

  it("ends the answer when it exceeds the limit for held pictures", async () => {
    const { say, stop, released } = stream({ ...SETTINGS, maxHeldPictureBytes: 200_000 })
    await say(dataUrl(400_000), 10_000)
    expect(stop()?.outcome).toMatchObject({
      action: "unavailable",
      failures: [{ check: "hold-back", cause: "held_picture_too_large" }],
    })
    expect(released()).toBe("")
  })

  it("may be longer than held text may be", async () => {
    const { say, end, stop } = stream()
    await say(dataUrl(500_000), 10_000)
    await end()
    expect(stop()).toBeUndefined()
  })

  it("is found when it is cut over two parts of a message, and its second part never leaves", async () => {
    let seen = 0
    const known: Check = {
      ...pictures,
      run: (items) => {
        seen = Math.max(seen, ...items.map((item) => (item.kind === "bytes" ? item.bytes.length : 0)))
        const signals = seen > 9_000 ? [{ check: "lists", rule: "listed", decision: "block" as const }] : []
        return Promise.resolve({ signals, screened: true })
      },
    }
    const held = holdBack({
      engine: createEngine({ checks: [createEmbeddedMatch(known)], isExcepted: () => true, now: () => new Date() }),
      codec: { text: (_step, cleared) => [cleared] },
      settings: SETTINGS,
    })
    const { hold } = held
    const said = `see ${dataUrl(10_000)} there`
    const place = { kind: "text", lane: 0, role: "assistant", channel: "text", choice: 0, path: "" } as const
    hold.accept([
      { ...place, track: "0", text: said.slice(0, 5_000) },
      { kind: "close", lane: 0, track: "0", frames: ["|"] },
    ])
    await hold.idle()
    hold.accept([
      { ...place, track: "1", text: said.slice(5_000) },
      { kind: "close", lane: 0, track: "1", frames: ["|"] },
    ])
    while (hold.isChecking && !hold.isStopped) await hold.idle()
    hold.accept([{ kind: "end", frames: ["."] }])
    while (hold.isChecking && !hold.isStopped) await hold.idle()
    expect(held.stop?.outcome.action).toBe("block")
    expect(held.released).toBe("see ")
  })
})
