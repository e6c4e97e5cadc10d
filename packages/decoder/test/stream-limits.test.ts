import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { describe, expect, it } from "vitest"
import { MAX_PART_BYTES } from "../src/protocol.ts"
import { scene, toSharp } from "./pictures.ts"
import { openTestDecoder, stream } from "./support.ts"

const UNRULY = join(import.meta.dirname, "stubs/unruly-child.ts")

const picture = await toSharp(scene(5, 128, 96))
  .jpeg()
  .toBuffer()

describe("an item that a decoder asks for part by part", () => {
  it("is not late because its parts are", async () => {
    const decoder = await openTestDecoder({ limits: { timeoutMs: 400 } })
    const slow = stream(picture, () => setTimeout(600))
    expect((await decoder.fingerprint(slow)).inconclusive).toBeUndefined()
  })

  it("ends where its parts never come", async () => {
    const decoder = await openTestDecoder({ limits: { timeoutMs: 50 } })
    const endless = stream(picture, () => new Promise(() => {}))
    expect(await decoder.fingerprint(endless)).toMatchObject({ inconclusive: "time_limit", sha256: "" })
  })

  it("is not given to a child that asks for what is not its own", async () => {
    const decoder = await openTestDecoder({ entry: UNRULY })
    const bytes = Buffer.from("wants.1")
    expect((await decoder.fingerprint({ kind: "bytes", bytes })).inconclusive).toBe("decoder_died")
    expect((await decoder.fingerprint({ kind: "bytes", bytes: picture })).picture).toBeDefined()
  })

  it.each([
    ["starts again without end", "again", 2],
    ["asks for a single byte", "tiny", 1],
    ["asks for a distant part", "jumps", 1],
    ["does not take its parts and asks for more", "deaf", 2],
  ])("is read a few times at most for a child that %s", async (_, name, mostParts) => {
    const decoder = await openTestDecoder({ entry: UNRULY })
    const bytes = Buffer.alloc(50 * MAX_PART_BYTES)
    bytes.write(`${name}.`)
    let parts = 0
    const seen = await decoder.fingerprint(stream(bytes, () => parts++))
    expect(seen).toMatchObject({ inconclusive: "decoder_died", sha256: "" })
    // By the child, and by the one in which the item ran alone.
    expect(parts).toBeLessThanOrEqual(2 * mostParts)
    expect((await decoder.fingerprint({ kind: "bytes", bytes: picture })).picture).toBeDefined()
  })

  it.each([
    ["asks for another part", "twice"],
    ["answers", "answers"],
  ])("is not given to a child that %s before the part that it asked for came", async (_, name) => {
    const decoder = await openTestDecoder({ entry: UNRULY })
    const bytes = Buffer.alloc(50 * MAX_PART_BYTES)
    bytes.write(`${name}.`)
    const never = new Promise<Uint8Array>(() => {})
    const read = (offset: number, length: number) => (offset === 0 ? Promise.resolve(bytes.subarray(0, length)) : never)
    const seen = await decoder.fingerprint({ kind: "stream", length: bytes.length, read })
    expect(seen).toMatchObject({ inconclusive: "decoder_died", sha256: "" })
  })
})
