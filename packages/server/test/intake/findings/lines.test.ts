import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readLines } from "../../../src/intake/findings/lines.ts"

async function* chunked(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let offset = 0
  for (const size of sizes) {
    yield bytes.subarray(offset, offset + size)
    offset += size
  }
  yield bytes.subarray(offset)
}

/** Of 1 MiB each, the endless line. */
const CHUNKS = 400

describe("reading lines", () => {
  it("gives the same lines in any chunking, and passes over those that are too long", async () => {
    const text = fc.stringMatching(/^[a-z ]{0,12}$/)
    await fc.assert(
      fc.asyncProperty(fc.array(text), fc.array(fc.nat(9)), fc.boolean(), async (texts, sizes, isEnded) => {
        const bytes = Buffer.from(texts.join("\n") + (isEnded && texts.length > 0 ? "\n" : ""))
        const lines = await Array.fromAsync(readLines(chunked(bytes, sizes), 8))
        const expected = isEnded || texts.at(-1) !== "" ? texts : texts.slice(0, -1)
        expect(lines.map((line) => line.bytes?.toString())).toEqual(
          expected.map((line) => (line.length > 8 ? undefined : line)),
        )
        expect(lines.map((line) => line.number)).toEqual(expected.map((_, index) => index + 1))
      }),
    )
  })

  it("holds no more than a line's bytes of an endless one", async () => {
    let read = 0
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; read < CHUNKS; read++) yield Buffer.alloc(1024 * 1024, "x")
      yield Buffer.from("\nshort")
    }
    const before = process.memoryUsage().arrayBuffers
    const lines = await Array.fromAsync(readLines(endless(), 1000))
    expect(lines).toEqual([{ number: 1 }, { number: 2, bytes: Buffer.from("short") }])
    expect(read).toBe(CHUNKS)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan((CHUNKS / 2) * 1024 * 1024)
  })
})
