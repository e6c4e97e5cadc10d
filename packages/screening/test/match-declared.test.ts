import { hash } from "node:crypto"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { describe, expect, it } from "vitest"
import { createFalsePositiveList, type ListIndex, matchFingerprint } from "../src/index.ts"
import { bruteForceIndex } from "./support/brute-force-index.ts"
import { aPicture } from "./support/builders.ts"

const picture = aPicture("a picture")

describe("declared digests", () => {
  const original = aPicture("the file before it was resized")
  const listed = { name: "a-list", entries: [{ hashType: "sha256" as const, hash: original.sha256 }] }

  it("are looked up and marked", () => {
    const { matches } = matchFingerprint(picture, bruteForceIndex(listed), {
      declaredDigests: [{ sha256: original.sha256.toUpperCase() }],
    })
    expect(matches).toMatchObject([{ hashType: "sha256", declared: true, distanceBits: 0 }])
  })

  it("are not marked when they are the item's own", () => {
    const { matches } = matchFingerprint(original, bruteForceIndex(listed), { declaredDigests: [original] })
    expect(matches).toHaveLength(1)
    expect(matches[0]).not.toHaveProperty("declared")
  })

  it("are ignored when they are malformed in any way", () => {
    const asked: unknown[] = []
    const index: ListIndex = {
      ...bruteForceIndex(),
      matchDigests(digests) {
        asked.push(digests)
        return []
      },
    }
    const odd = [{ md5: "x" }, { sha1: 7 }, { sha256: `${"0".repeat(63)}g` }, { sha256: ["0".repeat(64)] }, {}]
    matchFingerprint(picture, index, { declaredDigests: odd as never })
    expect(asked).toEqual([{ md5: picture.md5, sha1: picture.sha1, sha256: picture.sha256 }])
  })
})

describe("declared digests beyond any honest number", () => {
  it("are refused, so that none is passed over", () => {
    const declaredDigests = Array.from({ length: 65_537 }, () => ({ sha256: "0".repeat(64) }))
    expect(() => matchFingerprint(picture, bruteForceIndex(), { declaredDigests })).toThrow(TypeError)
    const urls = Array.from({ length: 65_537 }, () => "https://example.org/")
    expect(() => matchFingerprint(picture, bruteForceIndex(), { urls })).toThrow(TypeError)
  })
})

describe("addresses", () => {
  const entryOf = (text: string) => addressHash(urlEntryKey(text) ?? "", hash("sha256", urlEntryKey(text) ?? ""))
  const hosts = { name: "hosts", entries: [{ hashType: "url" as const, hash: entryOf("example.org") }] }

  it("are looked up by themselves, their folders and their hosts", () => {
    const urls = ["no address", "https://cdn.example.org/x.jpg"]
    expect(matchFingerprint(picture, bruteForceIndex(hosts), { urls }).matches).toMatchObject([
      { list: "hosts", hashType: "url", declared: true, distanceBits: 0, radiusBits: 0 },
    ])
  })

  it("match nothing else", () => {
    const urls = ["https://example.net/x.jpg", 7, null] as never
    expect(matchFingerprint(picture, bruteForceIndex(hosts), { urls }).matches).toEqual([])
  })

  it("may be false positives of one item", () => {
    const { sha256 } = picture
    const falsePositives = createFalsePositiveList([{ list: "hosts", entryHash: entryOf("example.org"), sha256 }])
    const urls = ["https://example.org/x.jpg"]
    expect(matchFingerprint(picture, bruteForceIndex(hosts), { urls, falsePositives })).toMatchObject({
      matches: [],
      suppressed: 1,
    })
  })
})
