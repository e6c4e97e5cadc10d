import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { byteListsIn, decodeByteList } from "../src/containers/records/byte-lists.ts"
import { decodeFile, encodedFilesIn } from "../src/containers/records/encoded-media.ts"
import { type Fragment, type Splitter, splitLines } from "../src/containers/records/fragments.ts"
import { groupRecords, recordsOfGroup } from "../src/containers/records/group-records.ts"
import { type JsonString, scanJson } from "../src/containers/records/json-strings.ts"
import { readRecords } from "../src/containers/records/read-records.ts"
import { rewriteRecords } from "../src/containers/records/rewrite-records.ts"
import { splitArray, splitArrayOr } from "../src/containers/records/split-array.ts"

const splitArrayOrLines: Splitter = (chunks) => splitArrayOr(splitLines, chunks)

/** Cuts bytes into chunks of the given lengths, over and over. */
async function* cut(bytes: Buffer, lengths: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let offset = 0, turn = 0; offset < bytes.length; turn++) {
    const length = lengths[turn % lengths.length] ?? 1
    yield bytes.subarray(offset, offset + length)
    offset += length
  }
}

async function textOf(pieces: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(pieces)).toString()
}

async function recordsOf(split: Splitter, text: string, lengths: readonly number[], maxBytes = 1e9) {
  const records = await Array.fromAsync(readRecords(split(cut(Buffer.from(text), lengths)), maxBytes))
  return records.map((record) => ({ ...record, bytes: record.bytes?.toString() }))
}

function rewrite(
  split: Splitter,
  text: string,
  { lengths, keep }: { lengths: readonly number[]; keep: readonly boolean[] },
) {
  const kept = keep.map((stays) => (stays ? {} : undefined))
  return textOf(rewriteRecords(split(cut(Buffer.from(text), lengths)), kept))
}

const value = fc.jsonValue({ maxDepth: 3 })
const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
const record = fc.record({ value: fc.dictionary(fc.string(), value, { maxKeys: 4 }), keep: fc.boolean() })
const line = fc.record({
  record,
  before: fc.constantFrom("", "\n", "\r\n\n", "  ", "\t\n "),
  end: fc.constantFrom("\n", "\r\n"),
})

/** The records of a group of lines. */
const trimmed = (text: string) => recordsOfGroup(Buffer.from(text)).map((bytes) => bytes.toString().trim())

describe("lines of JSON", () => {
  it("are cut and written again byte for byte, however the text is chunked", async () => {
    const property = fc.asyncProperty(fc.array(line), lengths, fc.boolean(), async (lines, chunks, hasEnd) => {
      const parts = lines.map(({ record: { value: of, keep }, before, end }, index) => {
        const isLast = index === lines.length - 1
        return { keep, before, content: JSON.stringify(of), end: isLast && !hasEnd ? "" : end }
      })
      const join = (stays: (keep: boolean) => boolean) =>
        `\ufeff${parts.map(({ keep, before, content, end }) => before + (stays(keep) ? content + end : "")).join("")}`
      const text = join(() => true)
      const keep = parts.map((part) => part.keep)
      expect((await recordsOf(splitLines, text, chunks)).map(({ bytes }) => bytes)).toEqual(parts.map((p) => p.content))
      expect(await rewrite(splitLines, text, { lengths: chunks, keep: keep.map(() => true) })).toBe(text)
      expect(await rewrite(splitLines, text, { lengths: chunks, keep })).toBe(join((stays) => stays))
    })
    await fc.assert(property)
  })

  it("have the number of their line, and the offset of their content", async () => {
    const text = '{"a":1}\n\n  {"b":2}\r\n{"c":3}'
    expect(await recordsOf(splitLines, text, [3])).toEqual([
      { position: 0, line: 1, offset: 0, sizeBytes: 7, bytes: '{"a":1}' },
      { position: 1, line: 3, offset: 11, sizeBytes: 7, bytes: '{"b":2}' },
      { position: 2, line: 4, offset: 20, sizeBytes: 7, bytes: '{"c":3}' },
    ])
  })

  it("are taken together in groups, byte for byte, and each group is dropped as a whole", async () => {
    const property = fc.asyncProperty(
      fc.array(line),
      lengths,
      fc.integer({ min: 2, max: 5 }),
      async (all, chunks, size) => {
        const text = all.map(({ record: { value: of }, before, end }) => before + JSON.stringify(of) + end).join("")
        const split: Splitter = (pieces) => groupRecords(splitLines(pieces), size)
        const groups = await recordsOf(split, text, chunks)
        const inGroups = groups.flatMap(({ bytes }) => trimmed(bytes ?? ""))
        expect(inGroups).toEqual(all.map(({ record: { value: of } }) => JSON.stringify(of)))
        expect(groups).toHaveLength(Math.ceil(all.length / size))
        const keep = groups.map((_, index) => all[index]?.record.keep === true)
        expect(await rewrite(split, text, { lengths: chunks, keep: keep.map(() => true) })).toBe(text)
        const left = await rewrite(split, text, { lengths: chunks, keep })
        const kept = all.filter((_, index) => keep[Math.floor(index / size)])
        expect(trimmed(left)).toEqual(kept.map(({ record: { value: of } }) => JSON.stringify(of)))
      },
    )
    await fc.assert(property)
  })

  it("are not held if they are longer than the limit, and are still written", async () => {
    const text = `{"a":"${"x".repeat(100)}"}\n{"b":2}\n`
    const records = await recordsOf(splitLines, text, [16], 50)
    expect(records).toMatchObject([
      { bytes: undefined, sizeBytes: 108 },
      { bytes: '{"b":2}', line: 2 },
    ])
    expect(await rewrite(splitLines, text, { lengths: [16], keep: [true, false] })).toBe(text.slice(0, 109))
  })
})

describe("an array of JSON", () => {
  it("loses elements with their commas and stays an array, however it is chunked and indented", async () => {
    const indents = fc.constantFrom(0, 2, "\t")
    const property = fc.asyncProperty(fc.array(record), lengths, indents, async (records, chunks, indent) => {
      const text = `\n${JSON.stringify(
        records.map(({ value: of }) => of),
        null,
        indent,
      )}\r\n`
      const keep = records.map((one) => one.keep)
      const elements = await recordsOf(splitArrayOrLines, text, chunks)
      expect(elements.map(({ bytes }) => JSON.parse(bytes ?? ""))).toEqual(JSON.parse(text))
      expect(await rewrite(splitArrayOrLines, text, { lengths: chunks, keep: keep.map(() => true) })).toBe(text)
      const left = await rewrite(splitArrayOrLines, text, { lengths: chunks, keep })
      expect(JSON.parse(left)).toEqual((JSON.parse(text) as unknown[]).filter((_, index) => keep[index]))
    })
    await fc.assert(property)
  })

  it("may hold numbers and texts", async () => {
    const text = '[1 , "a,]\\"" ,[2,[3]],null]'
    expect((await recordsOf(splitArray, text, [1])).map(({ bytes }) => bytes)).toEqual([
      "1",
      '"a,]\\""',
      "[2,[3]]",
      "null",
    ])
    expect(await rewrite(splitArray, text, { lengths: [1], keep: [false, true, false, true] })).toBe('["a,]\\"",null]')
  })

  it.each(["[", "[1", "[1,", "[1,]", "[,1]", '["a', "[1]2", "[1}", '{"a":1}', "", "[1 2]", "[{}{}]"])(
    "is malformed as %s",
    async (text) => {
      await expect(recordsOf(splitArray, text, [2])).rejects.toMatchObject({ code: "shard_malformed" })
    },
  )
})

describe("the strings of a JSON value", () => {
  const stringsOf = (text: string) => {
    const found: [string, string, number][] = []
    const onString = ({ path, bytes, depth }: JsonString) =>
      found.push([path(), JSON.parse(`"${bytes.toString()}"`) as string, depth])
    return { verdict: scanJson(Buffer.from(text), 0, onString), found }
  }

  it("are all found with their paths", () => {
    const walk = (of: unknown, path: string, depth: number): [string, string, number][] => {
      if (typeof of === "string") return [[path, of, depth]]
      if (Array.isArray(of)) return of.flatMap((one, index) => walk(one, `${path}[${index}]`, depth + 1))
      if (typeof of !== "object" || of === null) return []
      return Object.entries(of).flatMap(([key, one]) => walk(one, path === "" ? key : `${path}.${key}`, depth + 1))
    }
    const keyed = fc.letrec((tie) => ({
      any: fc.oneof(
        fc.string({ unit: "binary" }),
        fc.integer(),
        fc.double(),
        fc.constant(null),
        fc.boolean(),
        tie("list"),
        tie("object"),
      ),
      list: fc.array(tie("any"), { maxLength: 4 }),
      object: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie("any"), { maxKeys: 4 }),
    }))
    const property = fc.property(keyed.any, fc.constantFrom(0, 1, "\t"), (of, indent) => {
      const text = JSON.stringify(of, null, indent)
      expect(stringsOf(text)).toEqual({ verdict: "valid", found: walk(JSON.parse(text), "", 0) })
    })
    fc.assert(property)
  })

  it("are found up to the place where a value ends too early, which is malformed", () => {
    const property = fc.property(fc.dictionary(fc.string(), value, { minKeys: 1 }), fc.nat(), (of, at) => {
      const text = Buffer.from(JSON.stringify(of))
      const start = text.subarray(0, at % text.length)
      expect(scanJson(start, 0, () => {})).toBe("malformed")
    })
    fc.assert(property)
  })

  it.each([
    '{"a":1}{"b":2}',
    "{'a':1}",
    '{"a":01}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    "{a:1}",
    '{"a":1,}',
    "[1,]",
    "tru",
    "",
    "1 2",
  ])("make no value of %s", (text) => expect(stringsOf(text).verdict).toBe("malformed"))

  it("may stand beside numbers that only Python writes", () => {
    expect(stringsOf('{"a":[NaN,Infinity,-Infinity,-0.5e+3],"b":"c"}')).toEqual({
      verdict: "valid",
      found: [["b", "c", 1]],
    })
  })

  it("are not looked for a million levels down", () => {
    expect(stringsOf(`${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`).verdict).toBe("too_deep")
    expect(stringsOf(`${'{"a":'.repeat(1_000_000)}`).verdict).toBe("too_deep")
  })
})

describe("files in a text", () => {
  const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(150, 7)])
  const filesOf = (text: string) =>
    [...encodedFilesIn(Buffer.from(text))].map((file) => decodeFile(Buffer.from(text), file))
  const code = picture.toString("base64")

  it.each([
    ["a URL", `data:image/png;base64,${code}`],
    ["a URL with parameters", `data:image/png;charset=utf-8;base64,${code}`],
    ["a URL in Markdown", `before ![](data:image/png;base64,${code}) after`],
    ["a URL with escapes", `data:image/png;base64,${encodeURIComponent(code)}`],
    ["a URL with URL-safe letters", `data:image/png;base64,${picture.toString("base64url")}`],
    ["base64", code],
    ["base64 in lines", code.replace(/.{60}/g, "$&\r\n")],
    ["URL-safe base64", picture.toString("base64url")],
    ["hexadecimal digits", picture.toString("hex")],
    ["hexadecimal digits of a database", `\\x${picture.toString("hex").toUpperCase()}`],
    ["base64 in JSON in a string", `{"tool":"draw","image":"${code}"}`],
    ["base64 in lines below words", `Content-Type: image/png\n\ncode\n${code.replace(/.{60}/g, "$&\r\n")}\nend of it`],
  ])("are decoded to their own bytes from %s", (_, text) => {
    expect(filesOf(text)).toEqual([picture])
  })

  it("are found one after the other", () => {
    expect(filesOf(`<img src="data:image/png;base64,${code}"><img src="data:;base64,${code}">`)).toEqual([
      picture,
      picture,
    ])
    expect(filesOf(`${code} and data:image/png;base64,${code} and "${code}"`)).toEqual([picture, picture, picture])
  })

  it("are not fonts, texts and unknown bytes", () => {
    const urls = ["wOF2 a font", "some words", "\u0001\u0002\u0003"].map(
      (content) => `data:;base64,${Buffer.from(content.repeat(30)).toString("base64")}`,
    )
    expect(filesOf(urls.join(" "))).toEqual([])
    const drawing = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${" ".repeat(200)}</svg>`)
    expect(filesOf(`data:font/woff2;base64,${drawing.toString("base64")}`)).toEqual([drawing])
  })

  it("are not made of words, addresses and other codes", () => {
    const other = Buffer.alloc(200, "no picture").toString("base64")
    const signature = Buffer.concat([Buffer.from([0xff, 0xfb, 0x90, 0x00]), Buffer.alloc(196, 5)]).toString("base64")
    expect(
      [
        "data: one, two",
        "data:text/plain,hello",
        "The quick brown fox ".repeat(20),
        other,
        "ab".repeat(200),
        `${picture.toString("hex")}g0`,
        `token=${signature} `,
        code.slice(0, 100),
      ].flatMap(filesOf),
    ).toEqual([])
  })
})

describe("files in lists of numbers", () => {
  const picture = Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), Buffer.alloc(150, 7)])
  const filesOf = (text: string) =>
    [...byteListsIn(Buffer.from(text))].map((list) => decodeByteList(Buffer.from(text), list))

  it.each([
    ["a Buffer of JavaScript", JSON.stringify({ image: picture })],
    ["a list of Python", `{"image": [${[...picture].join(", ")}]}`],
    ["signed bytes", JSON.stringify([[...new Int8Array(picture)]])],
    ["indented lines", JSON.stringify({ image: [...picture] }, null, 2)],
    ["a list behind others", `[[[1,2],[${[...picture].join()},256],[${[...picture].join()}]]]`],
  ])("are decoded to their own bytes from %s", (_, text) => {
    expect(filesOf(text)).toEqual([picture])
  })

  it("are not numbers of another kind", () => {
    const list = [...picture]
    const texts = [[...list, 0.5], list.slice(0, 100), Array(500).fill(200), [[[[]]]]].map((value) =>
      JSON.stringify(value),
    )
    expect([...texts, "[137,80,78,71", "[", "", `[${list.join()}`].flatMap(filesOf)).toEqual([])
  })
})

it("reading a text calls a record by its first fragment only", async () => {
  const fragments = async function* (): AsyncGenerator<Fragment> {
    yield { kind: "frame", bytes: Buffer.from("\n") }
    yield { kind: "record", bytes: Buffer.from("a") }
    yield { kind: "record", bytes: Buffer.from("b"), isEnd: true }
  }
  expect(await Array.fromAsync(readRecords(fragments(), 10))).toMatchObject([{ line: 2, offset: 1, sizeBytes: 2 }])
})
