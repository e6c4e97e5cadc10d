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

  it.each(["wants", "stream"])(
    "is not given to a child that asks for what is not its own, or without end: %s",
    async (name) => {
      const decoder = await openTestDecoder({ entry: UNRULY })
      let served = 0
      const source =
        name === "stream"
          ? stream(picture, (length) => {
              served += length
            })
          : ({ kind: "bytes", bytes: Buffer.from("wants.1") } as const)
      expect((await decoder.fingerprint(source)).inconclusive).toBe("decoder_died")
      // By the child, and by the one in which the item ran alone.
      expect(served).toBeLessThanOrEqual(2 * (2 * picture.length + MAX_PART_BYTES))
      expect((await decoder.fingerprint({ kind: "bytes", bytes: picture })).picture).toBeDefined()
    },
  )
})
