import { createHash } from "node:crypto"
import { createHasher, hammingDistance, toHex } from "@nightlight/pdq"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import {
  ensureTestCardList,
  TEST_CARD_COUNT,
  testCardPdq,
  testCardPixels,
  testCardPng,
  testCardRecords,
} from "../../src/index.ts"
import { withWorkspace } from "./support.ts"

const cards = Array.from({ length: TEST_CARD_COUNT }, (_, card) => card)

describe("the test cards", () => {
  it("are the same bytes on every machine", () => {
    const digest = createHash("sha256")
    for (const card of cards) digest.update(testCardPng(card))
    expect(digest.digest("hex")).toBe("dc60bf9eb20359a60f4639802541700fd32d5ceed374c45d80f1f271855406e2")
  })

  it.each(cards)("are PNG files that any decoder reads as painted: card %i", async (card) => {
    const { data, info } = await sharp(testCardPng(card)).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 256, height: 256, channels: 3 })
    expect(Buffer.from(data).equals(testCardPixels(card))).toBe(true)
  })

  it.each(["fullres", "ref512nn"] as const)("have the PDQ hashes they are listed with in profile %s", (profile) => {
    const hasher = createHasher()
    for (const card of cards) {
      const { hash, quality } = hasher.hash(testCardPixels(card), { width: 256, height: 256, channels: 3, profile })
      expect(toHex(hash)).toBe(testCardPdq(card))
      expect(quality).toBeGreaterThanOrEqual(80)
    }
  })

  it("are far from each other, and from themselves turned or mirrored, in every orientation", () => {
    const hasher = createHasher()
    const views = cards.map((card) => {
      const { dihedral } = hasher.hash(testCardPixels(card), { width: 256, height: 256, channels: 3, dihedral: true })
      return Array.from({ length: 8 }, (_, view) => dihedral!.subarray(32 * view, 32 * view + 32))
    })
    for (const [card, own] of views.entries()) {
      for (const [other, foreign] of views.entries()) {
        for (const [view, hash] of foreign.entries()) {
          if (card !== other || view > 0) expect(hammingDistance(own[0]!, hash)).toBeGreaterThanOrEqual(90)
        }
      }
    }
  })

  it("have records of every type, each card's own", () => {
    const records = testCardRecords()
    expect(records).toHaveLength(4 * TEST_CARD_COUNT)
    expect(new Set(records.map(({ hash }) => hash)).size).toBe(4 * TEST_CARD_COUNT)
    const sha1 = records.find(({ hashType, id }) => hashType === "sha1" && id === "card-3")
    expect(sha1?.hash).toBe(createHash("sha1").update(testCardPng(3)).digest("hex"))
  })

  it("refuse a number that no card has", () => {
    expect(() => testCardPixels(8)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => testCardPng(-1)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => testCardPdq(0.5)).toThrow(expect.objectContaining({ code: "input_invalid" }))
  })

  it("make a list that is made once", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      expect(await ensureTestCardList(listsDir, keeper)).toMatchObject({
        version: 1,
        changed: false,
        trust: "test",
        counts: { md5: 8, sha1: 8, sha256: 8, pdq: 8 },
      })
    })
  })
})
