/**
 * Test cards: eight harmless pictures that every installation is meant to detect, the EICAR idea. They are on the
 * built-in list {@link TEST_CARD_LIST}, and no index is live before each of them matched.
 *
 * Their PDQ quality is 100, and any two of them, turned and mirrored in every way, are at least 100 bits apart.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { encodePng } from "./card-png.ts"
import { CARD_SIDE, paintCard } from "./test-card-picture.ts"

/** What a card is painted from, and its PDQ hash, the same in both profiles. */
const CARDS = [
  { seed: 0x9e3779b1, pdq: "c34d68722d1df0d196bac3cf5a6c6c26a5a503906f0ba87dd2f29b438f2cd82d" },
  { seed: 0x3c6ef362, pdq: "4d7d628898d6a5a5b5595a5a4b5226a381a7606d795bde9e57821fa035a585bb" },
  { seed: 0x78dde6c4, pdq: "2667fd58d48e3b24ccdf1f06381683e834de60f715c8ea6fc1d03e0ff3300cd1" },
  { seed: 0x17156075, pdq: "0d328f34e30f24639de8831ad3f339690f4d8dadb18b5e3a74281d477ab462b9" },
  { seed: 0xb54cda26, pdq: "2578c33f7e7435ed0c1272fda3871d58430b263479e19e18cf9631d69e4b2632" },
  { seed: 0x538453d7, pdq: "2e96e19ccd6038745188d62b3af8aa968c9c1d53e787f2e819e3631ccf36d8e1" },
  { seed: 0xf1bbcd88, pdq: "38d80d9f1cbce703726171e09cbcfcfcc71f394331078e7062ab77089cc6aad4" },
  { seed: 0x8ff34739, pdq: "30723269cf83f1591d0fe69a00ec4eaf83f4b8b9f613fef1000f0971edcc1b64" },
] as const

/** How many test cards there are. */
export const TEST_CARD_COUNT = CARDS.length

/**
 * Paints a test card: 256 x 256 pixels of red, green and blue, row by row from the top.
 *
 * @param card - 0 to {@link TEST_CARD_COUNT} - 1.
 * @throws {RequestError} `input_invalid` for another number.
 */
export function testCardPixels(card: number): Uint8Array {
  return paintCard(cardAt(card).seed)
}

/** A test card as PNG, always the same bytes. @throws {RequestError} `input_invalid`. */
export function testCardPng(card: number): Uint8Array {
  return encodePng(testCardPixels(card), CARD_SIDE)
}

/** A test card's PDQ hash, lower-case hexadecimal. @throws {RequestError} `input_invalid`. */
export function testCardPdq(card: number): string {
  return cardAt(card).pdq
}

function cardAt(card: number): (typeof CARDS)[number] {
  const found = CARDS[card]
  if (found === undefined) throw new RequestError("input_invalid", `expected a test card from 0 to ${CARDS.length - 1}`)
  return found
}
