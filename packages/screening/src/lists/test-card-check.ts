import { IntegrityError } from "@nightlight/core"
import { fromHex } from "@nightlight/pdq"
import type { EntryHit, ListIndex } from "../ports.ts"
import { TEST_CARD_LIST, testCardRecords } from "./test-card-records.ts"

/**
 * Looks every test card up by every hash it has.
 *
 * @throws {IntegrityError} `test_card_missed` if a card does not match its entry in the list of test cards.
 */
export function assertTestCardsMatch(index: ListIndex): void {
  for (const record of testCardRecords()) {
    const { hashType, hash } = record
    const hits = hashType === "pdq" ? index.matchPdq(fromHex(hash)) : index.matchDigests({ [hashType]: hash })
    const found = hits.some((hit) => isCard(hit) && hit.hashType === hashType && index.entryHash(hit) === hash)
    if (!found) throw new IntegrityError("test_card_missed", `a test card was not found by its ${hashType}`)
  }
}

function isCard({ list, distanceBits }: EntryHit): boolean {
  return list.name === TEST_CARD_LIST && list.trust === "test" && distanceBits === 0
}
