import { createHash } from "node:crypto"
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, describe, expect, it } from "vitest"
import { HammingIndex, PdqError } from "../src/index.ts"
import { bruteForce, clusteredHashes, queriesFor, randomHashes, rowsOfBatch } from "./support/hash-lists.ts"

const HEADER_BYTES = 4096
const folder = mkdtempSync(join(tmpdir(), "pdq-image-"))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
const newPath = () => join(folder, `${files++}.index`)

/** The bytes of an image with a delta and withdrawn entries, and by default with tables. */
async function imageBytes(hashes = clusteredHashes(120, 12, 30), minTableRows = 0): Promise<Uint8Array> {
  const index = HammingIndex.build(hashes, { minTableRows, deltaCapacity: 40 })
  index.add(randomHashes(1, 5))
  index.add(randomHashes(1, 6))
  if (index.size > 2) index.withdraw(1)
  const path = newPath()
  await index.writeImage(path)
  return readFileSync(path)
}

/** SHA-256 over the SHA-256 of each 64 MiB. */
function digestOf(image: Uint8Array): string {
  const whole = createHash("sha256")
  for (let from = 0; from < image.length; from += 64 * 1024 * 1024) {
    whole.update(
      createHash("sha256")
        .update(image.subarray(from, from + 64 * 1024 * 1024))
        .digest(),
    )
  }
  return whole.digest("hex")
}

function openBytes(bytes: Uint8Array, digest?: string): Promise<HammingIndex> {
  const path = newPath()
  writeFileSync(path, bytes)
  return HammingIndex.openImage(path, digest === undefined ? {} : { digest })
}

/** The error's code, or the result. */
const codeOf = (opening: Promise<HammingIndex>) =>
  opening.catch((error: unknown) => (error instanceof PdqError ? error.code : error))

/** Changes a header and corrects its checksum, like an attacker who knows the format. */
function withHeader(image: Uint8Array, change: (header: DataView) => void): Uint8Array {
  const changed = image.slice()
  change(new DataView(changed.buffer))
  changed.set(
    createHash("sha256")
      .update(changed.subarray(0, HEADER_BYTES - 32))
      .digest(),
    HEADER_BYTES - 32,
  )
  return changed
}

describe("an index image", () => {
  it.each([0, 1, 2, 120])("answers like the index of %i hashes from which it was written", async (rows) => {
    const hashes = clusteredHashes(rows, 12, 30)
    const index = HammingIndex.build(hashes, { minTableRows: 0 })
    const queries = queriesFor(hashes, 20)
    const path = newPath()
    const { digest, sizeBytes } = await index.writeImage(path)
    const opened = await HammingIndex.openImage(path, { digest })
    for (const radiusBits of [0, 15, 31, 32, 256]) {
      expect(rowsOfBatch(opened.queryBatch(queries, radiusBits))).toEqual(bruteForce(hashes, queries, radiusBits))
    }
    expect(digest).toBe(digestOf(readFileSync(path)))
    expect(sizeBytes).toBe(statSync(path).size)
  })

  it("keeps additions and withdrawals, and accepts more of them", async () => {
    const opened = await openBytes(await imageBytes())
    expect([opened.size, opened.idCount, opened.deltaRemaining]).toEqual([121, 122, 38])
    expect(opened.query(randomHashes(1, 6), 31)).toEqual([{ id: 121, distanceBits: 0 }])
    expect(opened.withdraw(1)).toBe(false)
    expect(opened.add(randomHashes(1, 7))).toBe(122)
  })

  it("is written to a temporary file for its owner only, and replaces an older one", async () => {
    const path = newPath()
    writeFileSync(path, "older")
    await HammingIndex.build(randomHashes(3)).writeImage(path)
    expect((await HammingIndex.openImage(path)).size).toBe(3)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter((name) => name.includes("partial"))).toEqual([])
  })

  it("is refused at every truncation, and with bytes after its end", async () => {
    const image = await imageBytes()
    await fc.assert(
      fc.asyncProperty(fc.nat(image.length - 1), async (length) => {
        expect(await codeOf(openBytes(image.subarray(0, length)))).toBe("image_malformed")
      }),
      { numRuns: 60, examples: [[0], [1], [HEADER_BYTES - 1], [HEADER_BYTES], [image.length - 1]] },
    )
    expect(await codeOf(openBytes(Buffer.concat([image, Buffer.alloc(1)])))).toBe("image_malformed")
  })

  it("is refused when any bit of its header is flipped", async () => {
    const image = await imageBytes(undefined, 1000)
    await fc.assert(
      fc.asyncProperty(fc.nat(HEADER_BYTES - 1), fc.nat(7), async (offset, bit) => {
        const flipped = image.slice()
        flipped[offset]! ^= 1 << bit
        expect(await codeOf(openBytes(flipped))).toBe("image_malformed")
      }),
      { numRuns: 100, examples: Array.from({ length: 72 }, (_, k): [number, number] => [k, k % 8]) },
    )
  })

  it("is refused with false counts and a correct checksum, without allocating memory for them", async () => {
    const image = await imageBytes()
    const fields = [12, 16, 20, 24, 28, 32, 36, ...Array.from({ length: 8 }, (_, i) => 40 + 4 * i)]
    for (const field of fields) {
      const right = new DataView(image.buffer, image.byteOffset).getUint32(field, true)
      for (const value of [0, 1, right - 1, right + 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
        if (value >>> 0 === right) continue
        const changed = withHeader(image, (header) => header.setUint32(field, value >>> 0, true))
        expect([field, value, await codeOf(openBytes(changed))]).toEqual([field, value, "image_malformed"])
      }
    }
  })

  it("is refused by its digest when its content is altered", async () => {
    const image = await imageBytes()
    const digest = digestOf(image)
    expect((await openBytes(image, digest.toUpperCase())).size).toBe(121)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: HEADER_BYTES, max: image.length - 1 }), async (offset) => {
        const altered = image.slice()
        altered[offset]! ^= 255
        expect(await codeOf(openBytes(altered, digest))).toBe("image_digest_mismatch")
      }),
      { numRuns: 25 },
    )
  })

  it("is refused or answers without a trap when its content is altered and it is opened without a digest", async () => {
    const hashes = clusteredHashes(120, 12, 30)
    const image = await imageBytes(hashes)
    const queries = queriesFor(hashes, 10)
    // The directories are most of the file, so also alter bytes after them.
    const afterDirectories = image.length - 20_000
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.integer({ min: HEADER_BYTES, max: image.length - 4 }),
          fc.integer({ min: afterDirectories, max: image.length - 4 }),
        ),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        async (offsetOf, word) => {
          const altered = image.slice()
          new DataView(altered.buffer).setUint32(offsetOf, word, true)
          const opened = await codeOf(openBytes(altered))
          if (opened instanceof HammingIndex) {
            const { ids } = opened.queryBatch(queries, 31)
            expect(ids.every((id) => id < opened.idCount)).toBe(true)
            opened.compact()
          } else expect(opened).toBe("image_malformed")
        },
      ),
      { numRuns: 80 },
    )
  })

  it.each([
    ["an id beyond the rows", (image: DataView, idsAt: number) => image.setUint32(idsAt + 4 * 700, 120, true)],
    ["an id far beyond the memory", (image: DataView, idsAt: number) => image.setUint32(idsAt, 0xffff_ffff, true)],
    [
      "a bucket that ends before it starts",
      (image: DataView) => image.setUint32(startsOf(image) + 4 * 30_000, 5000, true),
    ],
    ["a first bucket that starts late", (image: DataView) => image.setUint32(startsOf(image), 1, true)],
    ["a table that ends early", (image: DataView) => image.setUint32(startsOf(image) + 4 * 65_536, 119, true)],
  ])("is refused with %s", async (_, change) => {
    const image = (await imageBytes()).slice()
    const view = new DataView(image.buffer)
    change(view, view.getUint32(56, true))
    expect(await codeOf(openBytes(image))).toBe("image_malformed")
  })

  it.each(["", "PDQINDEX", "not an index at all ".repeat(500)])(
    "is not accepted in the form of the file %j",
    async (text) => {
      expect(await codeOf(openBytes(new TextEncoder().encode(text)))).toBe("image_malformed")
    },
  )

  it("is reported without its path when it cannot be read or written", async () => {
    const missing = join(folder, "missing-folder", "x.index")
    const reading = HammingIndex.openImage(missing)
    const systemCode = "ENOENT"
    const unreadable = { code: "image_unreadable", systemCode, message: "cannot read the image: ENOENT" }
    await expect(reading).rejects.toMatchObject(unreadable)
    await expect(HammingIndex.openImage(folder)).rejects.toMatchObject({ code: "image_unreadable" })
    const writing = HammingIndex.build(randomHashes(1)).writeImage(missing)
    const unwritable = { code: "image_unwritable", systemCode, message: "cannot write the image: ENOENT" }
    await expect(writing).rejects.toMatchObject(unwritable)
  })
})

function startsOf(image: DataView): number {
  return image.getUint32(48, true)
}

describe("a large image, which two threads read", () => {
  // 272 MB without tables: more than four parts of 64 MiB.
  const hashes = new Uint8Array(8_500_000 * 32)
  for (let row = 0; row < 8_500_000; row += 1_000) hashes.set(randomHashes(1, row), row * 32)

  it("is the same index again, and any altered part of it is noticed", async () => {
    const index = HammingIndex.build(hashes, { minTableRows: Number.MAX_SAFE_INTEGER, deltaCapacity: 0 })
    const path = newPath()
    const { digest, sizeBytes } = await index.writeImage(path)
    expect(digest).toBe(digestOf(readFileSync(path)))
    const opened = await HammingIndex.openImage(path, { digest })
    for (const row of [0, 1_000, 4_250_000, 8_499_000]) expect(opened.hashAt(row)).toEqual(index.hashAt(row))

    for (const offset of [64 * 2 ** 20, sizeBytes - 1]) {
      const file = openSync(path, "r+")
      writeSync(file, Uint8Array.of(0xa5), 0, 1, offset)
      expect(await codeOf(HammingIndex.openImage(path, { digest }))).toBe("image_digest_mismatch")
      writeSync(file, Uint8Array.of(0), 0, 1, offset)
      closeSync(file)
    }
    await HammingIndex.openImage(path, { digest })
    rmSync(path)
  })
})
