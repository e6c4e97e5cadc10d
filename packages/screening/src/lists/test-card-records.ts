import { createHash } from "node:crypto"
import type { HashRecord } from "@nightlight/core"
import { TEST_CARD_COUNT, testCardPdq, testCardPng } from "./test-cards.ts"

/** Name of the list of test cards that every workspace has. */
export const TEST_CARD_LIST = "nightlight-test-cards"

/** Category of every entry of that list. */
export const TEST_CARD_CATEGORY = "test-card"

let made: readonly HashRecord[] | undefined

/** The list of test cards: PDQ, MD5, SHA-1 and SHA-256 of each card's PNG. Painted once. */
export function testCardRecords(): readonly HashRecord[] {
  made ??= Array.from({ length: TEST_CARD_COUNT }, (_, card) => recordsOf(card)).flat()
  return made
}

function recordsOf(card: number): HashRecord[] {
  const png = testCardPng(card)
  const shared = { category: TEST_CARD_CATEGORY, id: `card-${card}` }
  const digests = (["md5", "sha1", "sha256"] as const).map((hashType) => ({
    hashType,
    hash: createHash(hashType).update(png).digest("hex"),
    ...shared,
  }))
  return [{ hashType: "pdq", hash: testCardPdq(card), quality: 100, ...shared }, ...digests]
}
