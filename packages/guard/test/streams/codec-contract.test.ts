import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { ENDPOINTS } from "../../src/endpoints/all.ts"
import { eventsOf, relayed, sent } from "../support/planted.ts"
import { CODECS } from "./codecs.ts"

const DONE = Buffer.from("data: [DONE]\r\n\r\n")

/** Anything that may come in place of a stream. */
const junk = fc.oneof(
  fc.string(),
  fc.json(),
  fc.constantFrom(
    "data: [DONE]\n\n",
    'data: {"choices":[]}\n\n',
    'data: {"choices":[{"index":0,"delta":{}}]}\n\n',
    'data: {"type":"response.completed","response":{}}\n\n',
    "event: error\n",
    ":\n",
    "\r",
  ),
  fc.json().map((text) => `data: ${text}\n\n`),
)

it("the contract is checked for every line of table.ts that has streams", () => {
  const streaming = ENDPOINTS.filter(({ stream }) => stream !== undefined)
  const missing = streaming.filter((endpoint) => !CODECS.some((codec) => codec.endpoint === endpoint))
  expect(streaming.length).toBeGreaterThan(0)
  expect(missing.map(({ route }) => route)).toEqual([])
})

describe.each(CODECS)(
  "the stream codec of $name",
  ({ endpoint, request, events, isDone, found, word, error, shown }) => {
    const bytesOf = (list: readonly object[]) => Buffer.concat([...eventsOf(list), ...(isDone ? [DONE] : [])])
    const relay = (pieces: readonly Uint8Array[], blocks?: string) => relayed(endpoint, request, pieces, blocks)
    const whole = bytesOf(events)

    it("gives a client the same events wherever the bytes are cut", () => {
      const expected = relay([whole])
      expect(expected.failed).toBeUndefined()
      expect(sent(expected.released).length).toBeGreaterThan(0)
      const end = shown(expected.released)
      for (let cut = 1; cut < Math.min(whole.length, 700); cut++) {
        expect(shown(relay([whole.subarray(0, cut), whole.subarray(cut)]).released)).toEqual(end)
      }
      expect(shown(relay(Array.from(whole, (byte) => Uint8Array.of(byte))).released)).toEqual(end)
      fc.assert(
        fc.property(fc.array(fc.nat(whole.length), { maxLength: 20 }), (cuts) => {
          const ends = [...new Set([0, ...cuts, whole.length])].toSorted((a, b) => a - b)
          const pieces = ends.slice(1).map((to, index) => whole.subarray(ends[index], to))
          expect(shown(relay(pieces).released)).toEqual(end)
        }),
        { numRuns: 50 },
      )
    })

    it("fails when the stream is cut off before its end, and never reports an end", () => {
      const end = shown(relay([whole]).released)
      for (let count = 0; count < events.length; count++) {
        const before = Buffer.concat(eventsOf(events.slice(0, count)))
        const next = eventsOf(events.slice(count, count + 1))[0] as Buffer
        for (const piece of [before, Buffer.concat([before, next.subarray(0, next.length / 2)])]) {
          const { failed, released } = relay([piece])
          if (count < events.length / 2) expect(failed).toBe("upstream_failed")
          // Once every choice has ended only counts are missing.
          if (failed === undefined) expect(shown(released)).toEqual(end)
          else expect(released).not.toContain("[DONE]")
        }
      }
    })

    it("fails at an error of the upstream, without saying why", () => {
      for (let index = 0; index < events.length; index++) {
        const { failed, released } = relay([bytesOf([...events.slice(0, index), error])])
        expect(failed).toBe("upstream_failed")
        expect(released).not.toContain("secret words")
      }
    })

    it("ends as filtered when something is found, even across two pieces, and releases no part of it", () => {
      const { blocked, failed, released } = relay([bytesOf(found)], word)
      expect(failed).toBeUndefined()
      expect(blocked).toBe(true)
      expect(released).not.toContain("-words")
      expect(released).toContain("content_filter")
      // Cut off before it is found, or while it is held, nothing of it is given away.
      for (let count = 0; count <= found.length; count++) {
        expect(relay(eventsOf(found.slice(0, count)), word).released).not.toContain("-words")
      }
    })

    it("neither crashes nor hangs on any input", () => {
      fc.assert(
        fc.property(fc.array(junk, { maxLength: 30 }), (pieces) => {
          relay(pieces.map((piece) => Buffer.from(piece)))
        }),
        { numRuns: 200 },
      )
    })
  },
)
