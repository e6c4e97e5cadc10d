import { readdirSync, readFileSync } from "node:fs"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { createHasher, fromHex, type HashOptions, hammingDistance, type PdqHash, toHex } from "../src/index.ts"
import { hashByReference } from "../src/reference.ts"
import { hasSharedData, hexOfEight, sharedFile } from "./support/shared-data.ts"
import { syntheticPixels, syntheticVectors } from "./support/synthetic.ts"

const hasher = createHasher()

/** Both implementations that claim to equal the reference. */
const IMPLEMENTATIONS: readonly (readonly [string, (pixels: Uint8Array, options: HashOptions) => PdqHash])[] = [
  ["the exact kernel", (pixels, options) => hasher.hash(pixels, options)],
  ["the TypeScript twin", hashByReference],
]

/** The reference's result for one picture. */
interface Expected {
  readonly width: number
  readonly height: number
  readonly hash: string
  readonly quality: number
  readonly dihedral: Readonly<Record<string, string>>
}

describe.each(IMPLEMENTATIONS)("%s", (_, hash) => {
  it.each(syntheticVectors())("gives the reference's hash, quality and orientations of $name", (vector) => {
    const { width, height } = vector
    const got = hash(syntheticPixels(vector), { width, height, channels: 3, dihedral: true })
    expect(toHex(got.hash)).toBe(vector.hash)
    expect(got.quality).toBe(vector.quality)
    expect(hexOfEight(got.dihedral!)).toEqual(vector.dihedral)
  })

  it.skipIf(!hasSharedData)("gives the reference's hash of the published raw pixels", () => {
    const vectors = readJson<(Expected & { file: string })[]>("vectors/raw.json")
    expect(vectors.length).toBeGreaterThan(0)
    for (const vector of vectors) {
      const { width, height } = vector
      const got = hash(readPpm(vector.file, vector), { width, height, channels: 3, dihedral: true })
      expect(toHex(got.hash)).toBe(vector.hash)
      expect(got.quality).toBe(vector.quality)
      expect(hexOfEight(got.dihedral!)).toEqual(Object.values(vector.dihedral))
    }
  })
})

describe.skipIf(!hasSharedData).each(["fullres", "ref512nn"] as const)("decoded files in profile %s", (profile) => {
  const files = hasSharedData
    ? readJson<({ local: string } & Record<typeof profile, Expected>)[]>("vectors/images.json")
    : []

  it.each(files)("$local has a hash within 10 bits, upright and in all orientations", async (file) => {
    const expected = file[profile]
    const got = await hashFile(file.local, { profile, dihedral: true })
    expect([got.profile, got.kernel]).toEqual([profile, "exact"])
    if (expected.quality < 80) return
    expect(Math.abs(got.quality - expected.quality)).toBeLessThanOrEqual(5)
    expect(hammingDistance(got.hash, fromHex(expected.hash))).toBeLessThanOrEqual(10)
    // Decoders convert CMYK to RGB differently; the published rule applies only to the upright hash.
    const limit = file.local.endsWith("CMYK.jpg") ? 12 : 10
    const hashes = Object.values(expected.dihedral)
    for (const [index, hash] of hashes.entries()) {
      expect(hammingDistance(got.dihedral!.subarray(32 * index, 32 * index + 32), fromHex(hash))).toBeLessThanOrEqual(
        limit,
      )
    }
  })
})

describe.skipIf(!hasSharedData)("colour modes", () => {
  const modes = hasSharedData ? readdirSync(sharedFile("images/modes")) : []

  it.each(modes)("of %s give a hash within 10 bits of the RGB picture", async (mode) => {
    const rgb = await hashFile("images/bridge-mods/aaa-orig.jpg", {})
    const got = await hashFile(`images/modes/${mode}`, {})
    expect(got.quality).toBe(100)
    expect(hammingDistance(got.hash, rgb.hash)).toBeLessThanOrEqual(10)
  })
})

/** Hashes a file's decoded pixels: grey or RGB, alpha dropped. */
async function hashFile(name: string, options: Pick<HashOptions, "profile" | "dihedral">): Promise<PdqHash> {
  const picture = sharp(sharedFile(name)).removeAlpha().toColourspace("srgb").raw()
  const { data, info } = await picture.toBuffer({ resolveWithObject: true })
  const channels = info.channels === 1 ? 1 : 3
  return hasher.hash(data, { width: info.width, height: info.height, channels, ...options })
}

function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(sharedFile(name), "utf8")) as T
}

/** Pixels of a binary P6 file of known size. */
function readPpm(name: string, size: { readonly width: number; readonly height: number }): Uint8Array {
  const bytes = readFileSync(sharedFile(name))
  return bytes.subarray(bytes.length - size.width * size.height * 3)
}
