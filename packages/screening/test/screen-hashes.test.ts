import { describe, expect, it } from "vitest"
import { loadDefaultPolicy, screenHashes } from "../src/index.ts"
import { bruteForceIndex } from "./support/brute-force-index.ts"
import { aPicture, flipBits, pdqOf } from "./support/builders.ts"

const policy = await loadDefaultPolicy()
const known = aPicture("known")
const hash = known.picture!.views[0]!.pdq
const index = bruteForceIndex({
  name: "a-list",
  trust: "trusted",
  entries: [
    { hashType: "sha256", hash: known.sha256 },
    { hashType: "md5", hash: known.md5 },
    { hashType: "pdq", hash },
  ],
})

describe("screening hashes without bytes", () => {
  it("sends a listed digest to review, because it was not computed from bytes here", () => {
    const { verdict, matches } = screenHashes({ sha256: known.sha256 }, { index }, policy)
    expect(verdict.decision).toBe("review")
    expect(matches).toMatchObject([{ hashType: "sha256", declared: true }])
  })

  it("finds a near PDQ hash of sufficient quality, and only records one of low quality", () => {
    const near = flipBits(hash, 12)
    const found = screenHashes({ pdq: { hash: near, quality: 80 } }, { index }, policy)
    expect(found).toMatchObject({ verdict: { decision: "review" }, matches: [{ hashType: "pdq", distanceBits: 12 }] })
    const plain = screenHashes({ pdq: { hash: near, quality: 20 } }, { index }, policy)
    expect(plain).toMatchObject({ verdict: { decision: "clear" }, matches: [], weakMatches: [{ distanceBits: 12 }] })
  })

  it("looks up all hashes, and clears an item that no list has", () => {
    const both = screenHashes({ md5: known.md5, pdq: { hash, quality: 100 } }, { index }, policy)
    expect(both.matches.map(({ hashType }) => hashType)).toEqual(["md5", "pdq"])
    const other = aPicture("other")
    const none = screenHashes(
      { md5: other.md5, sha1: other.sha1, sha256: other.sha256, pdq: { hash: pdqOf("other"), quality: 100 } },
      { index },
      policy,
    )
    expect(none).toMatchObject({ verdict: { decision: "clear" }, matches: [] })
  })

  it("is unscreened with only test cards to match, and inconclusive when the index fails", () => {
    const cards = bruteForceIndex({ name: "cards", trust: "test", entries: [{ hashType: "md5", hash: known.md5 }] })
    expect(screenHashes({ sha1: known.sha1 }, { index: cards }, policy).verdict.decision).toBe("unscreened")
    const broken = {
      ...index,
      matchPdq: () => {
        throw new Error("a file is gone")
      },
    }
    const { verdict, inconclusive } = screenHashes({ pdq: { hash, quality: 90 } }, { index: broken }, policy)
    expect([verdict.decision, inconclusive]).toEqual(["inconclusive", "lists_failed"])
  })
})
