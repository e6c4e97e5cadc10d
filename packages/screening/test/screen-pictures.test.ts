/** Screens real files through the real decoder, as a scan does. */
import sharp, { type Sharp } from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  type DecodeSource,
  type Fingerprinter,
  loadDefaultPolicy,
  openFingerprinter,
  type Policy,
  screen,
} from "../src/index.ts"
import { bruteForceIndex } from "./support/brute-force-index.ts"
import { digestsOf } from "./support/builders.ts"

const SIDE = 320

/** A picture of overlapping waves: smooth and without symmetry. */
function waves(seed: number): Sharp {
  const pixels = new Uint8Array(SIDE * SIDE * 3)
  for (let i = 0; i < pixels.length; i++) {
    const [x, y] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE)]
    const wave = (n: number) => Math.sin((x * ((seed * n) % 7) + y * ((seed + n * 3) % 9) + n * 40) / 60)
    pixels[i] = 128 + 38 * (wave(1) + wave(2) + wave(3))
  }
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
}

let decoder: Fingerprinter
let policy: Policy
let original: Uint8Array

beforeAll(async () => {
  decoder = await openFingerprinter({ readRoots: [], processes: 1, profile: "fullres", kernel: "exact" })
  policy = await loadDefaultPolicy()
  original = await waves(5).png().toBuffer()
})

afterAll(() => decoder[Symbol.asyncDispose]())

async function screened(bytes: Uint8Array) {
  const { picture } = await decoder.fingerprint({ kind: "bytes", bytes: original })
  const index = bruteForceIndex({
    name: "a-list",
    entries: [
      { hashType: "pdq", hash: picture!.views[0]!.pdq },
      { hashType: "sha256", hash: digestsOf(original).sha256 },
    ],
  })
  const fingerprint = (source: DecodeSource, signal: AbortSignal) => decoder.fingerprint(source, signal)
  const source: DecodeSource = { kind: "bytes", bytes: new Uint8Array(bytes) }
  return screen({ source }, { fingerprint, index, classifiers: [] }, policy, new AbortController().signal)
}

const copy = () => sharp(original)

describe("screening a file", () => {
  it("quarantines an exact copy of a listed picture", async () => {
    const { matches, verdict } = await screened(original)
    expect(matches.map(({ hashType, distanceBits }) => [hashType, distanceBits])).toEqual([
      ["sha256", 0],
      ["pdq", 0],
    ])
    expect(verdict).toMatchObject({ decision: "quarantine", rule: "trusted-exact" })
  })

  it.each<[string, () => Sharp, string, string]>([
    ["re-encoded", () => copy().jpeg({ quality: 60 }), "upright", "none"],
    ["made smaller", () => copy().resize(150).webp(), "upright", "none"],
    ["mirrored", () => copy().flop().png(), "flipY", "none"],
    ["turned upside down", () => copy().rotate(180).jpeg(), "rotate180", "none"],
    ["turned by its EXIF orientation alone", () => copy().withMetadata({ orientation: 6 }).jpeg(), "upright", "none"],
    ["letterboxed", () => copy().extend({ top: 80, bottom: 80, background: "black" }).png(), "upright", "letterbox"],
  ])("sends a listed picture to a person when it was %s", async (_, change, orientation, crop) => {
    const { matches, verdict } = await screened(await change().toBuffer())
    expect(matches).toMatchObject([{ hashType: "pdq", transformation: { orientation, crop } }])
    expect(verdict).toMatchObject({ decision: "review", rule: "any-other-match" })
  })

  it("sends a listed picture to a person when it was turned by a quarter either way", async () => {
    const turned = await Promise.all([90, 270].map((angle) => copy().rotate(angle).png().toBuffer()))
    const results = await Promise.all(turned.map(screened))
    const orientations = results.map(({ matches }) => matches[0]?.transformation?.orientation)
    expect(new Set(orientations)).toEqual(new Set(["rotate90", "rotate270"]))
  })

  it.each<[string, () => Promise<Uint8Array>]>([
    ["another picture", () => waves(3).png().toBuffer()],
    ["text", async () => new TextEncoder().encode("a caption")],
  ])("clears %s", async (_, make) => {
    expect(await screened(await make())).toMatchObject({ matches: [], verdict: { decision: "clear" } })
  })

  it.each<[string, Uint8Array, string]>([
    ["a video", Buffer.from("00000018667479706d703432000000006d70343269736f6d", "hex"), "media_unsupported"],
    ["a picture without pixels", Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex"), "picture_undecodable"],
    ["bytes of an unknown type", Buffer.from([0, 1, 2, 3, 250, 251, 252, 0, 9]), "media_unknown"],
  ])("leaves %s inconclusive", async (_, bytes, cause) => {
    expect(await screened(bytes)).toMatchObject({ inconclusive: cause, verdict: { decision: "inconclusive" } })
  })
})
