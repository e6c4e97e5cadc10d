import { picture } from "@nightlight/dev-env/guard/workspace"
import { SLICE_CHARS } from "@nightlight/patterns"
import fc from "fast-check"
import { beforeAll, describe, expect, it } from "vitest"
import { searchPictures } from "../src/checks/hash-match/search.ts"
import type { CheckItem } from "../src/inspect/inspectable.ts"

let drawn: Buffer
beforeAll(async () => {
  drawn = await picture(1)
})

function item(text: string): CheckItem {
  return { kind: "text", role: "user", channel: "text", choice: 0, path: "messages[0].content", text }
}

const STOP = new AbortController()
const escaped = (bytes: Uint8Array) => Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join("")
const WRITINGS: readonly ((bytes: Buffer) => string)[] = [
  (bytes) => `data:image/png;base64,${bytes.toString("base64")}`,
  (bytes) => `data:image/png,${escaped(bytes)}`,
  (bytes) => bytes.toString("hex"),
  (bytes) =>
    Buffer.from(`<p>look: <img src="data:image/png;base64,${bytes.toString("base64")}"></p>`).toString("base64"),
]
/** Words that are no code, as many as are asked for. */
const prose = (chars: number) => "so it is, they say; and: ".repeat(Math.ceil(chars / 25)).slice(0, chars)

describe("pictures in a long text", () => {
  it("are found wherever a slice ends, in every encoding", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...WRITINGS), fc.nat(4_000), async (write, back) => {
        const text = `${prose(SLICE_CHARS - back)} ${write(drawn)} ${prose(SLICE_CHARS)}`
        const { found, isTooMuch } = await searchPictures([item(text)], "input", STOP.signal)
        expect(isTooMuch).toBe(false)
        expect(
          found.map(({ picture: { bytes } }) => drawn.equals(Buffer.from(bytes.subarray(0, drawn.length)))),
        ).toContain(true)
      }),
      { numRuns: 40 },
    )
  })

  it("are searched in turns, so that other work gets its turn", async () => {
    let turns = 0
    let isOver = false
    const count = () => {
      if (isOver) return
      turns++
      setImmediate(count)
    }
    const searching = searchPictures([item(prose(16 * SLICE_CHARS))], "input", STOP.signal)
    setImmediate(count)
    await searching
    isOver = true
    expect(turns).toBeGreaterThanOrEqual(14)
  })

  it("are searched synchronously in a short text, and no longer when nobody waits for them", async () => {
    expect(searchPictures([item(prose(1_000))], "input", STOP.signal)).toEqual({
      found: [],
      isTooMuch: false,
      pendingFrom: expect.any(Number),
    })
    const gone = new AbortController()
    const searching = searchPictures([item(prose(4 * SLICE_CHARS))], "input", gone.signal)
    gone.abort(new Error("gone"))
    await expect(searching).rejects.toThrow("gone")
  })
})
