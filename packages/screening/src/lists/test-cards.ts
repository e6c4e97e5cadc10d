/**
 * Test cards: eight harmless pictures that every installation must detect, like the EICAR test file. They are on the
 * built-in list {@link TEST_CARD_LIST}, and no index becomes live before each of them has matched.
 *
 * Their PDQ quality is 100, and any two of them, turned and mirrored in every way, are at least 100 bits apart.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { encodePng } from "./card-png.ts"
import { CARD_SIDE, paintCard } from "./test-card-picture.ts"

/**
 * Each card's seed, its PDQ hash (the same in both profiles), and the digests of its PNG. They are constants so that a
 * process that only checks its index paints nothing.
 */
const CARDS = [
  {
    seed: 0x3c6ef362,
    pdq: "9bb0e94b407a5e453e4fd396ca400966f0a46e73291ba44bcfcb5cdcbc319333",
    md5: "58209b197b4e1a530f1ad5081a711908",
    sha1: "2ff49c90da5983d378606e614fa6781d31d8e26e",
    sha256: "4e86c3bc218c4e175fecc182e01baa9cc0194e4f3e32f40250b639a391cc9828",
  },
  {
    seed: 0x78dde6c4,
    pdq: "3fbfdf008f8186390bcde3e4c394f903963c40fcf1421f18040f1c277edec74b",
    md5: "4359dd9053d8c3e99db7050b838cffda",
    sha1: "43ea3f3ba360773d7f609e8dcc2ba425079f1e01",
    sha256: "0bfeb162de67f68478c3ba67e6cc7fde49ab77204dc015c37854037c17091931",
  },
  {
    seed: 0x17156075,
    pdq: "069e3b9c33f4b1e09d82e07bc8438ec5221f666113bd1919347acdd9cdcfa85e",
    md5: "0b52180a99c0fda1147de4908f23ca73",
    sha1: "4c72bb1a11d2810cc37f827bcb0b600bf2434049",
    sha256: "ad326eabd129f3f6ac903cc8a5b463b89568c0e3dce6fdc643e447a8c4cd8ec4",
  },
  {
    seed: 0x538453d7,
    pdq: "38e3857ef7459fc7b82cc7de371b3635023e3ec62642046677c90811e8b179d8",
    md5: "183230d290e969fbbe2d73961476db39",
    sha1: "ee8b696d014ea303e1b3ad8e97fec718a170a834",
    sha256: "42c6f210fd3b70f54b9e7a272ddd2112c180e9f0ddc13708629dda57aad0675f",
  },
  {
    seed: 0x8ff34739,
    pdq: "51709ea565c56e5a727aa58d59f084e1de786507d63428fdc15e6ce74e414d1a",
    md5: "4fcaaf7148469d5d6f7e1cf7f6a6bab4",
    sha1: "4bdd78ad9ee45ad6e72c17acb15bfce21a2e0d49",
    sha256: "8de8383153cbdd2f3ec384f6b05ccefb1112aeea11556d8925aaff0ef3e3bcf4",
  },
  {
    seed: 0x2e2ac0ea,
    pdq: "5b89fd8472a76659a0bd85db0b72776489c81da36e04231bcc5e723ab073c6f4",
    md5: "1f49eb7901d6b3d9c6707223ab8226e4",
    sha1: "6a2c08472d6e0562db7c537cd24dbdbd21a39124",
    sha256: "079d11144534f5603c8e46a80c3ed9770a849c22f4aae6d212d6a4ab5f871dfe",
  },
  {
    seed: 0xcc623a9b,
    pdq: "0ad8706c853f0c5fe7871f2371c0eedc3ae0163a4e1e399c38e5e8e7e3384317",
    md5: "4b18649f6896b09e932ab25511be6e49",
    sha1: "3d6936750be39c9ae885a715fa9b9d3524d56606",
    sha256: "7acd13133d6a636372ba9562667ec59dc6ae32c1424b960b3588cdfc274079dc",
  },
  {
    seed: 0x6a99b44c,
    pdq: "2b7cc65c296dbf6c759c35b8d29539843ad2099bb5a68842cb99d662ad53c465",
    md5: "bd20356069b224d217f4810fb4236a5a",
    sha1: "efc3300726b0c72161a723deac3502cf15b6d6ff",
    sha256: "6613e8f2a9b7614df8cc7c46f69969604467bf03d7695f2b4549f9d903612699",
  },
] as const

/** Number of test cards. */
export const TEST_CARD_COUNT = CARDS.length

/**
 * Paints a test card: 320 x 320 pixels of red, green and blue, row by row from the top.
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

/** The digests of a test card's PNG, lower-case hexadecimal. @throws {RequestError} `input_invalid`. */
export function testCardDigests(card: number): Readonly<Record<"md5" | "sha1" | "sha256", string>> {
  const { md5, sha1, sha256 } = cardAt(card)
  return { md5, sha1, sha256 }
}

function cardAt(card: number): (typeof CARDS)[number] {
  const found = CARDS[card]
  if (found === undefined) throw new RequestError("input_invalid", `expected a test card from 0 to ${CARDS.length - 1}`)
  return found
}
