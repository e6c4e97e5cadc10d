import type { HashRecord } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { JsonListParser } from "../src/json-list.ts"
import { NdjsonParser } from "../src/ndjson.ts"
import { anyRecord, faultsOf, hashOf, parseInPieces, readAll, recordsOf } from "./support.ts"

const md5 = hashOf("md5", "a")

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

  it("lets the object around the entries speak for all of them", async () => {
    const items = await readAll(
      JSON.stringify({ trust: "lead", radius: 24, as_of: "2026-02-01T10:00:00Z", terms: "t", entries: [{ md5 }] }),
    )
    expect(items).toEqual([
      {
        ok: true,
        line: 1,
        record: { hashType: "md5", hash: md5, category: "unspecified" },
        attributes: { trust: "lead", radiusBits: 24, asOf: "2026-02-01T10:00:00Z", terms: "t" },
      },
    ])
  })

  it("names an entry that is no record by its number and goes on", async () => {
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
    ["broken off in an entry", `[{"md5":"${md5}"`],
    ["broken off behind an entry", `[{"md5":"${md5}"},`],
    ["going on behind its end", `[{"md5":"${md5}"}] []`],
    ["with a comma too many", `[{"md5":"${md5}"},]`],
    ["without a comma", `[{"md5":"${md5}"}{"md5":"${md5}"}]`],
    ["without entries", '{\n"records":[]}'],
    ["with entries that are no array", '{\n"entries":{}}'],
    ["with its terms behind the entries", `{"entries":[{"md5":"${md5}"}],"terms":"t"}`],
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

  it("is told from JSON by a first line that is whole, and names bad lines by number", async () => {
    const items = await readAll(`{"md5":"${md5}"}\n{"md5":\n\n[]\n{"md5":"${md5}","category":"c"}\n`)
    expect(faultsOf(items)).toEqual(["2 not_parsed", "4 not_parsed"])
    expect(recordsOf(items).map(({ category }) => category)).toEqual(["unspecified", "c"])
  })
})
