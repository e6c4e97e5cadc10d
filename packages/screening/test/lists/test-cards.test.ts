import { createHash } from "node:crypto"
import { join } from "node:path"
import { withLock } from "@nightlight/durable"
import { createHasher, fromHex, hammingDistance, toHex } from "@nightlight/pdq"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import {
  ensureTestCardList,
  showList,
  TEST_CARD_COUNT,
  TEST_CARD_LIST,
  testCardDigests,
  testCardPdq,
  testCardPixels,
  testCardPng,
  testCardRecords,
} from "../../src/index.ts"
import { writeList } from "../../src/lists/import-list.ts"
import { listDigest } from "../../src/lists/snapshot-files.ts"
import { TEST_CARD_LIST_DIGEST } from "../../src/lists/test-card-records.ts"
import { itemsOf, withWorkspace } from "./support.ts"

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

  it("make a list of this release, whose digest is the constant that stands for it", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const list = await showList({ listsDir, name: TEST_CARD_LIST }, keeper.verifier)
      expect(list).toMatchObject({
        version: 1,
        trust: "test",
        counts: { md5: 8, sha1: 8, sha256: 8, pdq: 8, url: 0 },
      })
      expect(listDigest(list)).toBe(TEST_CARD_LIST_DIGEST)
    })
  })

  it("make a list that is written only once: it is found even while another process may write it", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const found = await withLock(join(listsDir, `.${TEST_CARD_LIST}.lock`), () =>
        ensureTestCardList(listsDir, keeper),
      )
      expect(found).toEqual({ version: 1, changed: false })
    })
  })

  it("replace the list of another release by a new version", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const items = itemsOf(testCardRecords().slice(4))
      await writeList({ listsDir, name: TEST_CARD_LIST, items, trust: "test" }, keeper)
      expect(await ensureTestCardList(listsDir, keeper)).toMatchObject({ version: 3, changed: true })
      const list = await showList({ listsDir, name: TEST_CARD_LIST }, keeper.verifier)
      expect(listDigest(list)).toBe(TEST_CARD_LIST_DIGEST)
    })
  })

  it("replace a list of the same cards with other settings", async () => {
    await withWorkspace(async ({ listsDir, keeper }) => {
      const items = itemsOf(testCardRecords())
      await writeList({ listsDir, name: TEST_CARD_LIST, items, trust: "trusted" }, keeper)
      expect(await ensureTestCardList(listsDir, keeper)).toMatchObject({ version: 3, changed: true })
    })
  })
})
