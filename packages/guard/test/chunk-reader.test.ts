import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { readChunk } from "../src/endpoints/chat/chunk.ts"
import { ChunkReader } from "../src/endpoints/chat/chunk-reader.ts"

const text = fc.oneof(
  fc.constantFrom(
    "",
    "a",
    " word",
    "m",
    "content",
    "stop",
    'a "quoted" word',
    "\\",
    "\n",
    "é",
    "🧪",
    "\ud800",
    "\u007f",
  ),
  fc.string({ unit: "grapheme", maxLength: 12 }),
)
const field = fc.constantFrom("content", "reasoning", "reasoning_content", "refusal")
const choice = fc.record(
  {
    index: fc.constantFrom(0, 1),
    delta: fc.dictionary(
      fc.oneof(field, fc.constantFrom("role", "unknown", "tool_calls")),
      fc.oneof(text, fc.constant(null)),
      {
        maxKeys: 3,
      },
    ),
    finish_reason: fc.constantFrom(null, "stop"),
  },
  { requiredKeys: ["index", "delta"] },
)
const chunk = fc.record(
  {
    id: fc.constantFrom("i", "chatcmpl-1"),
    object: fc.constant("chat.completion.chunk"),
    model: fc.constantFrom("m", "content"),
    created: fc.constant(1),
    choices: fc.array(choice, { maxLength: 2 }),
    obfuscation: text,
    unknown: text,
  },
  { requiredKeys: ["choices"] },
)
/** Chunks as servers write them, and as a hostile one may: cut, with keys twice, with spaces. */
const sent = fc.oneof(
  { weight: 6, arbitrary: chunk.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: chunk.map((value) => JSON.stringify(value, null, 1).replaceAll("\n", "")) },
  {
    weight: 1,
    arbitrary: fc.tuple(chunk, fc.nat(200)).map(([value, offset]) => JSON.stringify(value).slice(0, offset)),
  },
  {
    weight: 1,
    arbitrary: chunk.map((value) => JSON.stringify(value).replace('"index"', '"delta":{"content":"x"},"index"')),
  },
)

function outcome(read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    return String(error)
  }
}

describe("chunks of one stream", () => {
  it("give the same result in sequence as each gives alone, whatever they contain", () => {
    fc.assert(
      fc.property(fc.array(sent, { minLength: 1, maxLength: 6 }), fc.array(text, { maxLength: 8 }), (chunks, texts) => {
        const reader = new ChunkReader()
        const all = chunks.flatMap((data) => {
          // The same chunk again with other texts at every place where a quote stands, escaped and as they are.
          const quotes = [...data.matchAll(/"/g)].map(({ index }) => index)
          const others = texts.flatMap((other, k) => {
            const from = quotes[(k * 7) % Math.max(1, quotes.length)] ?? 0
            const to = quotes.find((quote) => quote > from) ?? from
            const escaped = JSON.stringify(other).slice(1, -1)
            return [other, escaped].map((piece) => data.slice(0, from + 1) + piece + data.slice(to))
          })
          return [data, ...others, data]
        })
        for (const data of all) expect(outcome(() => reader.read(data))).toEqual(outcome(() => readChunk(data)))
      }),
    )
  })

  it("that differ in one text only are read without parsing the equal parts again", () => {
    const reader = new ChunkReader()
    const of = (content: string) =>
      `{"id":"i","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"logprobs":null}]}`
    const [first, second] = [reader.read(of("one")), reader.read(of("two"))]
    expect(second).toEqual(readChunk(of("two")))
    // Both share one object: it was made once.
    expect(second.head).toBe(first.head)
    expect(reader.read(of('a "quote"'))).toEqual(readChunk(of('a "quote"')))
  })

  it("cannot introduce a key, a number or half a character through a text that looks like the previous one", () => {
    const reader = new ChunkReader()
    reader.read('{"choices":[{"index":0,"delta":{"content":"one"}}]}')
    for (const piece of ['a","content":"b', "a\\", "a\nb", "\ud800", '"', ""]) {
      const data = `{"choices":[{"index":0,"delta":{"content":"${piece}"}}]}`
      expect(outcome(() => reader.read(data))).toEqual(outcome(() => readChunk(data)))
    }
  })
})
