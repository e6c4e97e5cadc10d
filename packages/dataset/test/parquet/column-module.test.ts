import { addressPrefix, urlLookupKeys } from "@nightlight/core"
import fc from "fast-check"
import { snappyCompress } from "hyparquet-writer/src/snappy.js"
import { describe, expect, it } from "vitest"
import { bytesRole, ColumnModule, ROLES, type Role } from "../../src/containers/parquet/addresses/column-module.ts"
import { PlainBatch } from "../../src/containers/parquet/addresses/plain-batch.ts"
import { CODEC } from "../../src/containers/parquet/codecs.ts"
import { HybridReader } from "../../src/containers/parquet/hybrid.ts"
import { inflateSnappy } from "../../src/containers/parquet/snappy.ts"
import { readDigest } from "../../src/readers/digest-text.ts"
import { oddAddress } from "../support/odd-addresses.ts"

type Prefix = readonly [upper: number, lower: number]

function moduleWith(lists: Partial<Record<"md5" | "sha1" | "sha256" | "url", readonly Prefix[]>>): ColumnModule {
  const table = (prefixes: readonly Prefix[] = []) => {
    const sorted = prefixes.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
    return [
      { upper: Uint32Array.from(sorted, ([upper]) => upper), lower: Uint32Array.from(sorted, ([, lower]) => lower) },
    ]
  }
  return new ColumnModule({
    md5: table(lists.md5),
    sha1: table(lists.sha1),
    sha256: table(lists.sha256),
    url: table(lists.url),
  })
}

/** Positions of the values that the module does not let pass. */
function found(module: ColumnModule, role: Role, values: readonly (string | Buffer)[]): readonly number[] {
  const positions: number[] = []
  const batch = new PlainBatch(module, role, (position) => positions.push(position))
  for (const [position, value] of values.entries()) {
    const bytes = Buffer.from(value)
    batch.add(position, bytes, 0, bytes.length)
  }
  batch.end()
  return positions
}

const prefixOf = (hex: string): Prefix => [Number.parseInt(hex.slice(0, 8), 16), Number.parseInt(hex.slice(8, 16), 16)]

describe("the module for columns", () => {
  it("is not used where the lists' digests do not fit into its memory, so that rows are looked up one by one", () => {
    const length = 2 ** 29
    const many = [{ upper: { length } as Uint32Array, lower: { length } as Uint32Array }]
    expect(ColumnModule.create({ md5: many, sha1: [], sha256: [], url: [] })).toBeUndefined()
    expect(ColumnModule.create({ md5: [], sha1: [], sha256: [], url: [] })).toBeInstanceOf(ColumnModule)
  })

  it("finds an address by each of its keys, however it is written", { timeout: 120_000 }, () => {
    const addresses = fc.oneof(oddAddress, fc.webUrl({ withQueryParameters: true, withFragments: true }))
    fc.assert(
      fc.property(addresses, (text) => {
        if (!text.isWellFormed()) return
        for (const key of urlLookupKeys(text)) {
          expect(found(moduleWith({ url: [addressPrefix(key)] }), ROLES.address, [text])).toEqual([0])
        }
      }),
      { numRuns: process.env["NIGHTLIGHT_LONG"] === undefined ? 150 : 3_000 },
    )
  })

  it("finds addresses of hosts of each length among many, and lets pass those of other hosts", () => {
    const addresses = Array.from({ length: 600 }, (_, index) => {
      const label = "abcdefghijklmnopqrstuvwxyz0123456789".repeat(2).slice(0, 1 + (index % 58))
      return `http${index % 2 === 0 ? "s" : ""}://${label}.ab${index % 3 === 0 ? "/" : `/p/${index}.jpg`}`
    })
    const listed = addresses.filter((_, index) => index % 7 === 0)
    const keys = (text: string) => urlLookupKeys(text).map((key) => addressPrefix(key))
    for (const kind of [0, 1, 2]) {
      const prefixes = listed.flatMap((text) => keys(text).filter(([, lower]) => lower >>> 30 === kind))
      const expected = addresses.flatMap((text, index) =>
        keys(text).some(([upper, lower]) => prefixes.some((one) => one[0] === upper && one[1] === lower))
          ? [index]
          : [],
      )
      expect(expected.length).toBeGreaterThan(0)
      const positions = found(moduleWith({ url: prefixes }), ROLES.address, addresses)
      expect(positions).toEqual(positions.toSorted((a, b) => a - b))
      expect(positions).toEqual(expect.arrayContaining([...expected]))
    }
    expect(found(moduleWith({ url: [[1, 1]] }), ROLES.address, addresses)).toEqual([])
  })

  it("lets addresses pass that no list has, also with queries, escapes, many labels and many folders", () => {
    const module = moduleWith({ url: [[1, 1]] })
    const plain = [
      "https://cdn.example.org/a/b/c.jpg",
      "http://a.b.c.d.e.f.g.h.i.j.example.org/x?y=z",
      "https://example.org",
      "https://example.org?x=1",
      "https://example.org/a%20b/%7Euser/x%c3%a9.png?w=200&h=%2F#top",
      `https://example.org/${"a/".repeat(30)}`,
      `https://example.org/${"a-long.name/".repeat(40)}end.jpg`,
      "https://localhost/x",
    ]
    expect(found(module, ROLES.address, plain)).toEqual([])
    expect(found(moduleWith({}), ROLES.address, plain)).toEqual([])
  })

  it("finds a listed digest of each type in either case, as text and as bytes, and no other", () => {
    const digests = { md5: "0123456789abcdef".repeat(2), sha1: "89abcdef01".repeat(4), sha256: "fedcba98".repeat(8) }
    for (const [type, digest] of Object.entries(digests)) {
      const module = moduleWith({ [type]: [prefixOf(digest)] })
      const other = `${digest.slice(0, 15)}${digest[15] === "0" ? "1" : "0"}${digest.slice(16)}`
      const texts = [digest, other, digest.toUpperCase(), "some words"]
      expect(found(module, ROLES.digestText, texts)).toEqual([0, 2])
      const bytes = [digest, other, other].map((hex) => Buffer.from(hex, "hex"))
      expect(found(module, bytesRole([16, 20, 32]), bytes)).toEqual([0])
      // A digest in hexadecimal digits has not the length of its column's bytes.
      const digits = [Buffer.from(digest), Buffer.from(other)]
      expect(found(module, bytesRole([digest.length / 2]), digits)).toEqual([0, 1])
    }
  })

  it("lets no digest pass that has white space of several bytes around it", () => {
    const module = moduleWith({ sha256: [prefixOf("ab".repeat(32))] })
    const texts = ["\u00a0", "\u3000", "\ufeff"].flatMap((blank) =>
      [31, 32, 64].map((count) => blank.repeat(count) + "ab".repeat(32) + blank.repeat(64 - count)),
    )
    expect(texts.map((text) => readDigest(text, 32))).toEqual(texts.map(() => "ab".repeat(32)))
    expect(found(module, ROLES.digestText, texts)).toEqual(texts.map((_, position) => position))
  })

  it("lets no SHA-1 in base32 pass whose letters are hexadecimal digits too", () => {
    const texts = ["234567ABCDEF".repeat(3).slice(0, 32), "234567abcdef".repeat(3).slice(0, 32)]
    const module = moduleWith({ sha1: [prefixOf(readDigest(texts[0] ?? "", 20) ?? "")] })
    expect(found(module, ROLES.digestText, texts)).toEqual([0, 1])
    const others = ["0", "1", "8", "9"].flatMap((digit) =>
      [0, 15, 16, 31].map((at) => "a".repeat(at) + digit + "a".repeat(31 - at)),
    )
    expect(found(module, ROLES.digestText, others)).toEqual([])
  })

  it("holds every prefix of its lists", () => {
    const prefix = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff))
    fc.assert(
      fc.property(fc.array(prefix, { minLength: 1, maxLength: 200 }), (prefixes) => {
        const module = moduleWith({ sha256: prefixes })
        const texts = prefixes.map((words) =>
          words
            .map((word) => word.toString(16).padStart(8, "0"))
            .join("")
            .padEnd(64, "0"),
        )
        expect(found(module, ROLES.digestText, texts)).toEqual(texts.map((_, position) => position))
        for (const [upper, lower] of prefixes) expect(module.hasPrefix("sha256", upper, lower)).toBe(true)
        expect(module.hasPrefix("sha1", ...(prefixes[0] ?? [0, 0]))).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it("reads values behind nulls, and more than it tests in one call", () => {
    const module = moduleWith({ sha256: [prefixOf("a".repeat(64))] })
    const entries = 150_000
    const digest = Buffer.concat([Buffer.from([64, 0, 0, 0]), Buffer.from("a".repeat(64))])
    const word = Buffer.concat([Buffer.from([1, 0, 0, 0]), Buffer.from("w")])
    // Bits of the levels: every third entry has a value.
    const levels = Buffer.alloc(3 + entries / 8)
    let header = (entries / 8) * 2 + 1
    for (let index = 0; index < 3; index++, header >>>= 7) levels[index] = (header & 0x7f) | (index < 2 ? 0x80 : 0)
    for (let entry = 0; entry < entries; entry += 3)
      levels[3 + (entry >>> 3)] = (levels[3 + (entry >>> 3)] ?? 0) | (1 << (entry & 7))
    const values = Array.from({ length: entries / 3 }, (_, index) => (index % 10_000 === 7 ? digest : word))
    const bytes = Buffer.concat(values)
    const rows: number[] = []
    const end = module.testPlain(
      ROLES.digestText,
      { bytes, start: 0, entries, levels: new HybridReader(levels, 0, levels.length, 1), definition: 1 },
      (entry) => rows.push(entry),
    )
    expect({ end, rows }).toEqual({ end: bytes.length, rows: [7, 10_007, 20_007, 30_007, 40_007].map((n) => n * 3) })
  })

  it.each([
    ["ends outside of the page", Buffer.from([5, 0, 0, 0, 0x61]), 1],
    ["has no length", Buffer.from([1, 0, 0, 0, 0x61, 9]), 2],
    ["is as long as a number can say", Buffer.from([255, 255, 255, 255, 0x61]), 1],
  ])("refuses a page whose value %s", (_, bytes, entries) => {
    const values = { bytes, start: 0, entries, levels: undefined, definition: 0 }
    expect(() => moduleWith({}).testPlain(ROLES.text, values, () => undefined)).toThrow(
      expect.objectContaining({ code: "shard_malformed" }),
    )
  })
})

describe("Snappy in the module for columns", () => {
  const module = moduleWith({})
  const text = fc.array(fc.oneof(fc.constantFrom("abcd", "https://example.org/", "x", "y".repeat(70)), fc.string()), {
    maxLength: 300,
  })

  it("inflates what another writer deflated", () => {
    fc.assert(
      fc.property(text, (parts) => {
        const bytes = Buffer.from(parts.join(""))
        expect(Buffer.from(module.inflate(CODEC.snappy, snappyCompress(bytes), bytes.length)).equals(bytes)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it("takes and refuses the same damaged blocks as the decoder without WebAssembly", () => {
    const inflated = (bytes: Uint8Array, size: number) => {
      try {
        return Buffer.from(module.inflate(CODEC.snappy, bytes, size)).toString("hex")
      } catch (error) {
        expect(error).toMatchObject({ code: "shard_malformed" })
        return undefined
      }
    }
    fc.assert(
      fc.property(
        text,
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 4 }),
        fc.nat(30),
        (parts, changes, cut) => {
          const bytes = Buffer.from(parts.join(""))
          const block = Buffer.from(snappyCompress(bytes))
          // The length in front stays.
          for (const [at, value] of changes) if (at + 5 < block.length) block[at + 5] = value
          const damaged = block.subarray(0, Math.max(Math.min(5, block.length), block.length - cut))
          const output = Buffer.alloc(bytes.length)
          const isSound = inflateSnappy(damaged, output)
          expect(inflated(damaged, bytes.length)).toBe(isSound ? output.toString("hex") : undefined)
        },
      ),
      { numRuns: 500 },
    )
  })
})
