import { hash } from "node:crypto"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { detectFormat } from "../src/detect-format.ts"
import { faultsOf, hashOf, readAll, recordsOf } from "./support.ts"

/** The entry that an address becomes. */
function entryOf(text: string): string {
  return addressHash(urlEntryKey(text) ?? "", hash("sha256", urlEntryKey(text) ?? ""))
}

describe("a list of addresses", () => {
  it("has one on each line, without its own text in the entries", async () => {
    const items = await readAll("# a comment\n\nhttps://example.org/a.jpg\nexample.net\r\nhttps://example.org/b/*\n")
    expect(recordsOf(items)).toEqual(
      ["https://example.org/a.jpg", "example.net", "https://example.org/b/*"].map((text) => ({
        hashType: "url",
        hash: entryOf(text),
        category: "unspecified",
      })),
    )
    expect(JSON.stringify(items)).not.toContain("example")
  })

  it("counts a line that is no address by its number", async () => {
    const items = await readAll("https://example.org/a.jpg\nno address\nlocalhost\n")
    expect(faultsOf(items)).toEqual(["2 hash_malformed", "3 hash_malformed"])
  })

  it("may be a column url with its category, or rows of type domain", async () => {
    expect(recordsOf(await readAll("url,category,domain\nhttps://example.org/a,A1,example.org\n"))).toEqual([
      { hashType: "url", hash: entryOf("https://example.org/a"), category: "A1" },
    ])
    expect(recordsOf(await readAll('{"hash":"example.org","type":"domain"}\n'))).toEqual([
      { hashType: "url", hash: entryOf("example.org"), category: "unspecified" },
    ])
  })

  it("is not made of the addresses beside hashes, which only say where a file was found", async () => {
    const sha1 = hashOf("sha1", "a")
    expect(recordsOf(await readAll(`sha1,url\n${sha1},https://example.org/a\n`))).toEqual([
      { hashType: "sha1", hash: sha1, category: "unspecified" },
    ])
  })

  it("is recognised by its first entry", () => {
    const formatOf = (text: string) => detectFormat(Buffer.from(text))
    expect(formatOf("\n# of today\nexample.org\n")).toBe("url-lines")
    expect(formatOf("https://example.org/a,b\n")).toBe("csv")
    expect(formatOf("hash\n")).toBe("csv")
    expect(formatOf(`${hashOf("sha256", "a")}\n`)).toBe("csv")
  })
})
