import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { readDigest } from "../src/readers/digest-text.ts"
import { digestBytesOf, MAX_STATED, OriginCollector, originFieldOf } from "../src/readers/stated-origin.ts"
import { digestsOf, parseProvenance, urlsOf } from "../src/scan/provenance.ts"

const MD5 = createHash("md5").update("a picture")
const BYTES = MD5.digest()
const HEX = BYTES.toString("hex")

describe("the name of a column or key", () => {
  it.each([
    "url",
    "URL",
    "image_url",
    "imageURL",
    "contentUrl",
    "raw_url",
    "page_url",
    "urls",
    "WARC-Target-URI",
    "link",
  ])("says that it holds addresses: %s", (name) => {
    expect(originFieldOf(name)).toBe("url")
  })

  it.each([
    ["md5", "md5"],
    ["image_md5", "md5"],
    ["SHA-256", "sha256"],
    ["sha256sum", "sha256"],
    ["raw_sha1", "sha1"],
    ["ETag", "hash"],
    ["image_hash", "hash"],
    ["Licence", "license"],
  ])("says which digest it holds: %s", (name, field) => {
    expect(originFieldOf(name)).toBe(field)
  })

  it.each(["caption", "image_phash", "curly", "sha512", "similarity", "linked_in"])("says neither: %s", (name) => {
    expect(originFieldOf(name)).toBeUndefined()
  })

  it("says how long its digests are in bytes", () => {
    expect([digestBytesOf("image_sha256"), digestBytesOf("sha512"), digestBytesOf("text")]).toEqual([[32], [64], []])
  })
})

describe("a digest as a text", () => {
  it.each([
    ["upper-case digits", HEX.toUpperCase()],
    ["base64", BYTES.toString("base64")],
    ["base64 for addresses", BYTES.toString("base64url")],
    ["digits behind the algorithm's name", `md5:${HEX}`],
    ["quoted digits, as an ETag is", `"${HEX}"`],
    ["digits with white space around", ` ${HEX}\n`],
  ])("is read from %s", (_, text) => {
    expect(readDigest(text, 16)).toBe(HEX)
  })

  it.each(["", HEX.slice(1), `${HEX}0`, "z".repeat(32), `${HEX}-2`])("is nothing else: %j", (text) => {
    expect(readDigest(text, 16)).toBeUndefined()
  })
})

describe("what a sample states of its origin", () => {
  const read = (json: string) => parseProvenance(Buffer.from(json))

  it("has every address and digest, its own before others", () => {
    const stated = read(`{
      "page_url": "https://page.example/", "image_md5": "${HEX}", "md5": "${"0".repeat(32)}",
      "images": [{ "raw_url": "https://one.example/" }], "urls": ["https://two.example/"], "url": "https://own.example/",
      "metadata": "{\\"source_url\\":\\"https://meta.example/\\"}"
    }`)
    expect(stated.url).toBe("https://own.example/")
    expect(new Set(urlsOf(stated))).toEqual(
      new Set(["own", "page", "meta", "one", "two"].map((host) => `https://${host}.example/`)),
    )
    expect(digestsOf(stated)).toEqual([{ md5: "0".repeat(32) }, { md5: HEX }])
  })

  it("is read although Python wrote NaN, or the text is cut off", () => {
    expect(read(`{"similarity": NaN, "md5": "${HEX}"}`)).toEqual({ declared: { md5: HEX } })
    expect(read(`{"md5": "${HEX}", "caption": "cut o`)).toEqual({ declared: { md5: HEX } })
  })

  it("keeps a digest of another name although one of the same type is there", () => {
    expect(digestsOf(read(`{"hash": "${HEX}", "md5": "${"0".repeat(32)}"}`))).toContainEqual({ md5: HEX })
  })

  it("is cut where it is more than can be matched, and says so; the same value counts once", () => {
    const urls = (count: number) => JSON.stringify(Array.from({ length: count }, (_, n) => `https://e.example/${n}`))
    expect(read(`{"url": ${urls(MAX_STATED)}, "link": ${urls(MAX_STATED)}}`).isCut).toBeUndefined()
    expect(read(`{"url": ${urls(MAX_STATED + 1)}}`).isCut).toBe(true)
    const long = JSON.stringify(Array.from({ length: 1_000 }, (_, n) => `https://e.example/${n}/${"x".repeat(8_000)}`))
    expect(read(`{"url": ${long}}`)).toMatchObject({ isCut: true })
  })

  it("is empty where nothing is stated, and then forgets what was before", () => {
    expect(read('["a", 1]')).toEqual({})
    const collector = new OriginCollector()
    collector.add("url", "outer", 1, () => "a")
    collector.take()
    expect(collector.take()).toEqual({})
  })
})
