import type { HashRecord } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { JsonListParser } from "../src/json-list.ts"
import { NdjsonParser } from "../src/ndjson.ts"
import { anyRecord, faultsOf, hashOf, parseInPieces, readAll, recordsOf } from "./support.ts"

const md5 = hashOf("md5", "a")
const pdq = hashOf("pdq", "a")

function toEntry({ hash, hashType, category, id, quality }: HashRecord): object {
  return { id, type: hashType, extra: { nested: ["]}", { deep: '"' }] }, hash, category, quality }
}

describe("a JSON list", () => {
  it.each([
    ["an array", (entries: object[], space: number) => JSON.stringify(entries, undefined, space)],
    [
      "an object with entries",
      (entries: object[], space: number) =>
        JSON.stringify({ version: 1, note: 'a "]" b', meta: [{ entries: 1 }], entries, after: null }, undefined, space),
    ],
  ])("reads back every record of %s, however its bytes are cut", (_, write) => {
    const shape = [fc.array(anyRecord(), { maxLength: 12 }), fc.nat(3), fc.integer({ min: 1, max: 200 })] as const
    fc.assert(
      fc.property(...shape, (records, space, pieceBytes) => {
        const items = parseInPieces(new JsonListParser(), write(records.map(toEntry), space), pieceBytes)
        expect(recordsOf(items)).toEqual(records)
      }),
    )
  })

  it("applies the fields of the object around the entries to all entries", async () => {
    const items = await readAll(
      JSON.stringify({
        trust: "unverified",
        radius: 24,
        as_of: "2026-02-01T10:00:00Z",
        terms: "t",
        entries: [{ md5 }],
      }),
    )
    expect(items).toEqual([
      {
        ok: true,
        line: 1,
        record: { hashType: "md5", hash: md5, category: "unspecified" },
        attributes: { trust: "unverified", radiusBits: 24, asOf: "2026-02-01T10:00:00Z", terms: "t" },
      },
    ])
  })

  it("reports an entry that is not a record by its number, and continues", async () => {
    const long = { md5, category: "x".repeat(70_000) }
    const items = await readAll(JSON.stringify([7, "x", null, [], { hash: 12, type: "md5" }, {}, long, { md5 }]))
    expect(faultsOf(items)).toEqual([
      "1 not_parsed",
      "2 not_parsed",
      "3 not_parsed",
      "4 not_parsed",
      "5 hash_malformed",
      "6 fields_missing",
      "7 line_too_long",
    ])
    expect(recordsOf(items)).toHaveLength(1)
  })

  it.each([
    ["cut off in an entry", `[{"md5":"${md5}"`],
    ["cut off after an entry", `[{"md5":"${md5}"},`],
    ["continued after its end", `[{"md5":"${md5}"}] []`],
    ["written with an extra comma", `[{"md5":"${md5}"},]`],
    ["written without a comma", `[{"md5":"${md5}"}{"md5":"${md5}"}]`],
    ["written without entries", '{\n"records":[]}'],
    ["written with entries that are not an array", '{\n"entries":{}}'],
    ["written with its terms after the entries", `{"entries":[{"md5":"${md5}"}],"terms":"t"}`],
  ])("is refused when %s", async (_, text) => {
    await expect(readAll(text)).rejects.toMatchObject({ code: "list_malformed" })
  })
})

describe("an NDJSON list", () => {
  it("reads back every record, however its bytes are cut", () => {
    const shape = [fc.array(anyRecord(), { maxLength: 12 }), fc.integer({ min: 1, max: 200 })] as const
    fc.assert(
      fc.property(...shape, (records, pieceBytes) => {
        const text = records.map((record) => `${JSON.stringify(toEntry(record))}\n`).join("\n")
        expect(recordsOf(parseInPieces(new NdjsonParser(), text, pieceBytes))).toEqual(records)
      }),
    )
  })

  it("is recognised by a complete first line, and reports bad lines by number", async () => {
    const items = await readAll(`{"md5":"${md5}"}\n{"md5":\n\n[]\n{"md5":"${md5}","category":"c"}\n`)
    expect(faultsOf(items)).toEqual(["2 not_parsed", "4 not_parsed"])
    expect(recordsOf(items).map(({ category }) => category)).toEqual(["unspecified", "c"])
  })

  it("reads a hash as an object of hash and quality, but no other object", async () => {
    const items = await readAll(
      [
        { md5, pdq: { hash: pdq, quality: 80, profile: "fullres" } },
        { md5, pdq: null },
        { md5, pdq: { value: pdq } },
        { hash: { hash: pdq, quality: 7 }, type: "pdq" },
        { md5, pdq: { hash: 7n.toString() } },
      ]
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(""),
    )
    expect(recordsOf(items).filter(({ hashType }) => hashType === "pdq")).toEqual([
      { hashType: "pdq", hash: pdq, category: "unspecified", quality: 80 },
      { hashType: "pdq", hash: pdq, category: "unspecified", quality: 7 },
    ])
    expect(recordsOf(items).filter(({ hashType }) => hashType === "md5")).toHaveLength(4)
    expect(faultsOf(items)).toEqual(["3 field_malformed", "5 hash_malformed"])
  })

  it("never silently ignores a value of a hash's field", () => {
    const name = fc.constantFrom("md5", "sha1", "SHA-256", "pdq", "hash")
    fc.assert(
      fc.property(name, fc.jsonValue({ maxDepth: 2 }), (field, value) => {
        const items = parseInPieces(new NdjsonParser(), JSON.stringify({ md5: hashOf("md5", "b"), [field]: value }), 64)
        if (value === null || value === "") return
        const replaced = field === "md5" ? 0 : 1
        expect(items.length).toBeGreaterThanOrEqual(1 + replaced)
      }),
    )
  })

  it.each([
    ["under an unknown name", { md5, value: pdq }],
    ["under a name that mentions hashes", { md5, pdq_v2_hash: "0123456789abcdef" }],
    ["in base64", { md5, signature: Buffer.from(pdq, "hex").toString("base64") }],
    ["nested in a field", { md5, media: { prints: [{ kind: "pdq", value: pdq }] } }],
    ["under two names of one column", { md5, pdq, pdqHash: pdq }],
  ])("counts a hash %s as unread", async (_, row) => {
    expect(faultsOf(await readAll(`${JSON.stringify(row)}\n`))).toEqual(["1 field_unread"])
  })

  it("counts hashes of unsupported types, but not file names and keys", async () => {
    const row = {
      md5,
      photodna: "1,2,3",
      phash: "00ff",
      file: hashOf("md5", "x"),
      uuid: hashOf("md5", "y"),
      mediaType: "image/png",
    }
    expect(faultsOf(await readAll(`${JSON.stringify(row)}\n`))).toEqual(["1 type_unsupported", "1 type_unsupported"])
  })

  it("refuses a statement about the list that is neither text nor a number", async () => {
    await expect(readAll(`${JSON.stringify({ md5, trust: ["trusted"] })}\n`)).rejects.toMatchObject({
      code: "list_malformed",
    })
  })
})

describe("hashes beside the entries of a JSON list", () => {
  it("are counted as unread", async () => {
    const list = { version: [1], pdq_entries: [{ value: pdq }], entries: [{ md5 }] }
    expect(faultsOf(await readAll(JSON.stringify(list)))).toEqual(["1 field_unread"])
  })
})
