import type { HashRecord } from "@nightlight/core"
import { TEST_CARD_COUNT, testCardDigests, testCardPdq } from "./test-cards.ts"

/** Name of the list of test cards that every workspace has. */
export const TEST_CARD_LIST = "nightlight-test-cards"

/** Category of every entry of that list. */
export const TEST_CARD_CATEGORY = "test-card"

/**
 * The `listDigest` of the list of test cards, a constant so that a process that finds the list in its workspace does not
 * write it again to compare the two. It changes with the cards and with the format of a list's files.
 */
export const TEST_CARD_LIST_DIGEST = "ba6cbcfd93cc114f499999e07aee3f11fe33a32ae4e2edee2d3c9a3e6dc4e2c9"

/** The list of test cards: PDQ, MD5, SHA-1 and SHA-256 of each card's PNG. */
export function testCardRecords(): readonly HashRecord[] {
  return Array.from({ length: TEST_CARD_COUNT }, (_, card) => recordsOf(card)).flat()
}

function recordsOf(card: number): HashRecord[] {
  const shared = { category: TEST_CARD_CATEGORY, id: `card-${card}` }
  const digests = testCardDigests(card)
  return [
    { hashType: "pdq", hash: testCardPdq(card), quality: 100, ...shared },
    ...(["md5", "sha1", "sha256"] as const).map((hashType) => ({ hashType, hash: digests[hashType], ...shared })),
  ]
}
