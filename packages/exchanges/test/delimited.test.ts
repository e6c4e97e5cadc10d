import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { DelimitedParser } from "../src/delimited.ts"
import { anyRecord, faultsOf, hashOf, parseInPieces, readAll, recordsOf } from "./support.ts"

const md5 = hashOf("md5", "a")
const pdq = hashOf("pdq", "b")

function quoted(cell: string | number | undefined): string {
  return `"${String(cell ?? "").replaceAll('"', '""')}"`
}

describe("a delimited list", () => {
  it("reads back every record written by RFC 4180, whatever its text and however its bytes are cut", () => {
    const eol = fc.constantFrom("\n", "\r\n")
    const shape = [fc.array(anyRecord(), { maxLength: 20 }), fc.constantFrom<"," | "\t">(",", "\t"), eol] as const
    fc.assert(
      fc.property(...shape, fc.integer({ min: 1, max: 300 }), (records, delimiter, lineEnd, pieceBytes) => {
        const lines = records.map(({ hash, hashType, category, id, quality }) =>
          [hash, hashType, category, id, quality].map(quoted).join(delimiter),
        )
        const text = [["hash", "type", "category", "id", "quality"].join(delimiter), ...lines].join(lineEnd)
        expect(recordsOf(parseInPieces(new DelimitedParser(delimiter), text, pieceBytes))).toEqual(records)
      }),
    )
  })

  it("finds columns by name in any order and case, and ignores unknown columns", async () => {
    const items = await readAll(`note,Category,TYPE,x,Hash\nn,A1,SHA-256,y,${hashOf("sha256", "c").toUpperCase()}\n`)
    expect(items).toEqual([
      { ok: true, line: 2, record: { hashType: "sha256", hash: hashOf("sha256", "c"), category: "A1" } },
    ])
  })

  it("is recognised as TSV by a tab in the header", async () => {
    expect(recordsOf(await readAll(`hash\ttype\tcategory\n${pdq}\tpdq\ta,b\n`))).toEqual([
      { hashType: "pdq", hash: pdq, category: "a,b" },
    ])
  })

  it("infers a type from the length only when a single type has that length", async () => {
    const items = await readAll(`hash\n${md5}\n${hashOf("sha1", "d")}\n${pdq}\n`)
    expect(recordsOf(items).map(({ hashType }) => hashType)).toEqual(["md5", "sha1"])
    expect(faultsOf(items)).toEqual(["4 type_unknown"])
  })

  it("takes the type from the column's name, and reads every hash of a row", async () => {
    const items = await readAll(`md5,sha256,pdq,category\n${md5},,${pdq},B2\n`)
    expect(recordsOf(items)).toEqual([
      { hashType: "md5", hash: md5, category: "B2" },
      { hashType: "pdq", hash: pdq, category: "B2" },
    ])
  })

  it("recognises a type's column by any common spelling", async () => {
    const items = await readAll(`MD5 Hash,SHA-256,pdq_hash,PDQ Quality,hash_type\n${md5},,${pdq},61,\n`)
    expect(recordsOf(items)).toEqual([
      { hashType: "md5", hash: md5, category: "unspecified" },
      { hashType: "pdq", hash: pdq, category: "unspecified", quality: 61 },
    ])
  })

  it("counts every hash in an unknown column, in the first thousand rows or later", async () => {
    const rows = Array.from({ length: 1_500 }, (_, i) => `${hashOf("md5", `${i}`)},${i},${hashOf("pdq", `${i}`)},x`)
    const items = await readAll(`md5,note,value,other\n${rows.join("\n")}\n`)
    expect(recordsOf(items)).toHaveLength(1_500)
    expect(faultsOf(items)).toHaveLength(1_500)
    expect(new Set(faultsOf(items).map((fault) => fault.replace(/^\d+ /, "")))).toEqual(new Set(["field_unread"]))
  })

  it("yields a quoted cell that spans lines with the number of its first line", async () => {
    const items = await readAll(`hash,type,category\n${md5},md5,"one\ntwo"\n${pdq},pdq,x\n`)
    expect(items.map((item) => item.ok && [item.line, item.record.category])).toEqual([
      [2, "one\ufffdtwo"],
      [4, "x"],
    ])
  })

  it("loses only one line to a stray quotation mark", async () => {
    const good = Array.from({ length: 40 }, (_, index) => `${hashOf("md5", String(index))},md5,c`)
    const items = await readAll(["hash,type,category", good[0], `${md5},md5,"open`, ...good.slice(1)].join("\n"))
    expect(faultsOf(items)).toEqual(["3 not_parsed"])
    expect(recordsOf(items)).toHaveLength(40)
  })

  it("loses only the lines with unpaired quotation marks", async () => {
    const lines = Array.from({ length: 100 }, (_, index) => `"x,${hashOf("md5", String(index))}`)
    const items = await readAll(["category,hash", ...lines, `y,${md5}`].join("\n"))
    expect(faultsOf(items)).toEqual(lines.map((_, index) => `${index + 2} not_parsed`))
    expect(recordsOf(items)).toHaveLength(1)
  })

  it.each([
    ["no hash", ",md5,c", "fields_missing"],
    ["a hash of another type's length", `${md5},sha1,c`, "hash_malformed"],
    ["an invalid digit", `${md5.slice(1)}g,md5,c`, "hash_malformed"],
    ["a NUL in the hash", `${md5.slice(1)}\0,md5,c`, "hash_malformed"],
    ["an unknown type", `${md5},md6,c`, "type_unknown"],
    ["an unsupported type", `${md5},PhotoDNA,c`, "type_unsupported"],
    ["text after a closing quotation mark", `"${md5}"x,md5,c`, "not_parsed"],
  ])("names the line with %s", async (_, line, reason) => {
    expect(faultsOf(await readAll(`hash,type,category\n${line}\n${pdq},pdq,c\n`))).toEqual([`2 ${reason}`])
  })

  it("keeps a hash with hostile text and makes the text harmless", async () => {
    const [record] = recordsOf(await readAll(`hash,type,category\n${md5},md5,\u001b[31m\0\u202e${"x".repeat(9_000)}\n`))
    expect(record?.hash).toBe(md5)
    expect(record?.category).toBe(`\ufffd[31m\ufffd\ufffd${"x".repeat(193)}`)
  })

  it("passes on what each row states about the list", async () => {
    const items = await readAll(
      `hash,type,category,trust,radius,as_of,terms\n${md5},md5,c,Trusted,20,2026-01-31,no sharing\n${pdq},pdq,c,,,,\n`,
    )
    expect(items.map((item) => item.ok && item.attributes)).toEqual([
      { trust: "trusted", radiusBits: 20, asOf: "2026-01-31", terms: "no sharing" },
      undefined,
    ])
  })

  it.each([
    ["trust", "maybe"],
    ["radius", "64"],
    ["radius", "-1"],
    ["as_of", "31.1.2026"],
    ["as_of", "2026-13-01"],
  ])("is refused when its %s is %s", async (column, value) => {
    await expect(readAll(`hash,type,category,${column}\n${md5},md5,c,${value}\n`)).rejects.toMatchObject({
      code: "list_malformed",
      details: { line: 2 },
    })
  })

  it("is refused with a hint when it is the output of the hash command without --json", async () => {
    for (const name of ["picture.jpg", "md5", "hash,type", "{a}", "<a>", "[1"]) {
      const text = `${name}\n  type    image/jpeg\n  md5     ${md5}\n  pdq     ${pdq}  quality 100, fullres\n`
      await expect(readAll(text)).rejects.toMatchObject({
        code: "list_malformed",
        hint: expect.stringContaining("hash --json"),
      })
    }
  })

  it.each([
    ["no column of hashes", "a,b,c\n1,2,3\n"],
    ["a duplicate column", `hash,hash\n${md5},${md5}\n`],
    ["an open quotation mark in the header", `"hash,type\n${md5},md5\n`],
    ["only white space", " \n\n"],
    ["no content", ""],
  ])("is refused with %s", async (_, text) => {
    await expect(readAll(text)).rejects.toMatchObject({ code: "list_malformed" })
  })
})
