import { createHash } from "node:crypto"
import { createHasher, fromHex, hammingDistance, toHex } from "@nightlight/pdq"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import {
  ensureTestCardList,
  TEST_CARD_COUNT,
  testCardDigests,
  testCardPdq,
  testCardPixels,
  testCardPng,
  testCardRecords,
} from "../../src/index.ts"
import { withWorkspace } from "./support.ts"

const cards = Array.from({ length: TEST_CARD_COUNT }, (_, card) => card)

describe("the test cards", () => {
  it("are the same bytes on every machine, with their listed digests", () => {
    for (const card of cards) {
      const png = testCardPng(card)
      const digestOf = (hashType: string) => createHash(hashType).update(png).digest("hex")
      expect(testCardDigests(card)).toEqual({
        md5: digestOf("md5"),
        sha1: digestOf("sha1"),
        sha256: digestOf("sha256"),
      })
    }
  })

  it("are found when mirrored and turned", async () => {
    const hasher = createHasher()
    for (const card of cards) {
      for (const changed of [sharp(testCardPng(card)).flop(), sharp(testCardPng(card)).rotate(90)]) {
        const pixels = await changed.raw().toBuffer()
        const { dihedral } = hasher.hash(pixels, { width: 320, height: 320, channels: 3, dihedral: true })
        const distances = Array.from({ length: 8 }, (_, view) =>
          hammingDistance(fromHex(testCardPdq(card)), dihedral!.subarray(32 * view, 32 * view + 32)),
        )
        expect(Math.min(...distances)).toBeLessThanOrEqual(8)
      }
    }
  })

  it.each(cards)("are PNG files that any decoder reads as painted: card %i", async (card) => {
    const { data, info } = await sharp(testCardPng(card)).raw().toBuffer({ resolveWithObject: true })
    expect(info).toMatchObject({ width: 320, height: 320, channels: 3 })
    expect(Buffer.from(data).equals(testCardPixels(card))).toBe(true)
  })

  it.each(["fullres", "ref512nn"] as const)("have their listed PDQ hashes in profile %s", (profile) => {
    const hasher = createHasher()
    for (const card of cards) {
      const { hash, quality } = hasher.hash(testCardPixels(card), { width: 320, height: 320, channels: 3, profile })
      expect(toHex(hash)).toBe(testCardPdq(card))
      expect(quality).toBeGreaterThanOrEqual(80)
    }
  })

  it("are far from each other, and from themselves turned or mirrored, in every orientation", () => {
    const hasher = createHasher()
    const views = cards.map((card) => {
      const { dihedral } = hasher.hash(testCardPixels(card), { width: 320, height: 320, channels: 3, dihedral: true })
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

  it("have their own records of every type", () => {
    const records = testCardRecords()
    expect(records).toHaveLength(4 * TEST_CARD_COUNT)
    expect(new Set(records.map(({ hash }) => hash)).size).toBe(4 * TEST_CARD_COUNT)
    const sha1 = records.find(({ hashType, id }) => hashType === "sha1" && id === "card-3")
    expect(sha1?.hash).toBe(createHash("sha1").update(testCardPng(3)).digest("hex"))
  })

  it("refuse a number without a card", () => {
    expect(() => testCardPixels(8)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => testCardPng(-1)).toThrow(expect.objectContaining({ code: "input_invalid" }))
    expect(() => testCardPdq(0.5)).toThrow(expect.objectContaining({ code: "input_invalid" }))
  })

  it("make a list that is created only once", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      expect(await ensureTestCardList(listsDir, keeper)).toMatchObject({
        version: 1,
        changed: false,
        trust: "test",
        counts: { md5: 8, sha1: 8, sha256: 8, pdq: 8, url: 0 },
      })
    })
  })
})
