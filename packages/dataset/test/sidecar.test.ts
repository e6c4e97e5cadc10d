import { type Fingerprint, hasCode, MINUTE_MS } from "@nightlight/core"
import { jpeg, pdqRecord } from "@nightlight/dev-env/dataset/pictures"
import { noSignal } from "@nightlight/dev-env/dataset/shards"
import { fromHex, hammingDistance } from "@nightlight/pdq"
import { type Fingerprinter, openFingerprinter } from "@nightlight/screening"
import fc from "fast-check"
import { parquetReadObjects } from "hyparquet"
import sharp, { type Sharp } from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { sidecarInMemory } from "../src/sidecar/file.ts"
import {
  type ColumnDigests,
  digestColumns,
  type HashColumn,
  type NumberColumn,
  openSidecar,
} from "../src/sidecar/read.ts"
import { SIDECAR_VIEWS, type SidecarRow, sidecarRows } from "../src/sidecar/rows.ts"
import { encodeSidecar, type SidecarMeta } from "../src/sidecar/write.ts"

const META: SidecarMeta = { scan: "s-000001", shard: "x", profile: "fullres", kernel: "fast", orientations: false }

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => Buffer.from(value).toString("hex"))

function row(orientations: boolean): fc.Arbitrary<SidecarRow> {
  const dihedral = orientations ? hex(256) : fc.constant("")
  return fc.record({
    ordinal: fc.nat(2 ** 31 - 1),
    frame: fc.nat(1_000),
    view: fc.constantFrom(...SIDECAR_VIEWS),
    mediaType: fc.constantFrom("image/jpeg", "text/plain", "application/octet-stream"),
    sizeBytes: fc.maxSafeNat(),
    md5: hex(16),
    sha1: hex(20),
    sha256: hex(32),
    pdq: hex(32),
    pdqQuality: fc.integer({ min: -1, max: 100 }),
    pdqCropped: hex(32),
    pdqCroppedQuality: fc.integer({ min: -1, max: 100 }),
    dihedral,
    dihedralCropped: dihedral,
  })
}

const rows = fc
  .boolean()
  .chain((orientations) =>
    fc.record({ orientations: fc.constant(orientations), rows: fc.array(row(orientations), { maxLength: 12 }) }),
  )

const HASHES: Readonly<Record<string, HashColumn>> = {
  md5: "md5",
  sha1: "sha1",
  sha256: "sha256",
  pdq: "pdq",
  pdqCropped: "pdq_cropped",
  dihedral: "dihedral",
  dihedralCropped: "dihedral_cropped",
}
const NUMBERS: Readonly<Record<string, NumberColumn>> = {
  ordinal: "ordinal",
  frame: "frame",
  pdqQuality: "pdq_quality",
  pdqCroppedQuality: "pdq_cropped_quality",
}

/** The values that a hunt reads from a sidecar, in the way in which it reads them. */
function valuesThatAHuntReads(bytes: Uint8Array, digests: readonly ColumnDigests[]) {
  const { rows, orientations, groups } = openSidecar(sidecarInMemory(bytes), digests)
  const values = groups.map((group) => [
    ...Object.values(HASHES)
      .filter((column) => orientations || !column.startsWith("dihedral"))
      .map((column) => Buffer.from(group.hashes(column)).toString("hex")),
    ...Object.values(NUMBERS).map((column) => [...group.numbers(column)].join()),
  ])
  return { rows, orientations, values }
}

describe("a sidecar", () => {
  it("gives back the rows it was written from, column by column", () => {
    fc.assert(
      fc.property(rows, ({ orientations, rows: written }) => {
        const sidecar = openSidecar(sidecarInMemory(encodeSidecar(written, { ...META, orientations })))
        expect(sidecar).toMatchObject({ rows: written.length, orientations })
        for (const [field, column] of Object.entries(HASHES)) {
          if (!orientations && column.startsWith("dihedral")) continue
          const bytes = Buffer.concat(sidecar.groups.map((group) => group.hashes(column)))
          expect(bytes.toString("hex")).toBe(written.map((each) => each[field as keyof SidecarRow]).join(""))
        }
        for (const [field, column] of Object.entries(NUMBERS)) {
          const numbers = sidecar.groups.flatMap((group) => [...group.numbers(column)])
          expect(numbers).toEqual(written.map((each) => each[field as keyof SidecarRow]))
        }
      }),
    )
  })

  it("is Parquet that another reader reads, and the same bytes for the same rows", async () => {
    await fc.assert(
      fc.asyncProperty(rows, async ({ orientations, rows: written }) => {
        const bytes = encodeSidecar(written, { ...META, orientations })
        expect(encodeSidecar(written, { ...META, orientations })).toEqual(bytes)
        if (written.length === 0) return
        const file = new Uint8Array(bytes).buffer
        const read = await parquetReadObjects({ file, utf8: false })
        expect(read.map((each) => each["size_bytes"])).toEqual(written.map(({ sizeBytes }) => BigInt(sizeBytes)))
        expect(read.map((each) => Buffer.from(each["sha256"] as Uint8Array).toString("hex"))).toEqual(
          written.map(({ sha256 }) => sha256),
        )
      }),
      { numRuns: 20 },
    )
  })

  it("reveals any change of a value by the digests of its receipt", { timeout: 3 * MINUTE_MS }, () => {
    fc.assert(
      fc.property(
        rows.filter(({ rows: written }) => written.length > 0),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        ({ orientations, rows: written }, place, flip) => {
          const bytes = encodeSidecar(written, { ...META, orientations })
          const digests = digestColumns(openSidecar(sidecarInMemory(bytes)))
          const valuesOf = (of: Uint8Array) => valuesThatAHuntReads(of, digests)
          const before = valuesOf(bytes)
          const changed = Uint8Array.from(bytes)
          changed[place % bytes.length] = (changed[place % bytes.length] ?? 0) ^ flip
          let after: unknown
          try {
            after = valuesOf(changed)
          } catch (error) {
            expect(error).toMatchObject({ code: "receipt_untrusted" })
            return
          }
          // The change is then in no value that a hunt reads.
          expect(after).toEqual(before)
        },
      ),
      { numRuns: process.env["NIGHTLIGHT_LONG"] === undefined ? 300 : 5_000 },
    )
  })

  it("is refused or read as it was written, whichever bit is flipped", { timeout: 3 * MINUTE_MS }, () => {
    const [written] = fc.sample(row(true), { numRuns: 1, seed: 1 })
    if (written === undefined) throw new Error("expected a row")
    const bytes = encodeSidecar([written], { ...META, orientations: true })
    const digests = digestColumns(openSidecar(sidecarInMemory(bytes)))
    const before = valuesThatAHuntReads(bytes, digests)
    const ends = new Set<unknown>()
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Uint8Array.from(bytes)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      try {
        const after = valuesThatAHuntReads(changed, digests)
        ends.add(JSON.stringify(after) === JSON.stringify(before) ? "as written" : `other values at bit ${bit}`)
      } catch (error) {
        ends.add(hasCode(error, "receipt_untrusted") ? "refused" : `bit ${bit}: ${String(error)}`)
      }
    }
    expect(ends).toEqual(new Set(["refused", "as written"]))
  })

  it("is refused cut short at any byte", () => {
    const bytes = encodeSidecar([], META)
    for (let length = 0; length < bytes.length; length++) {
      expect(() => openSidecar(sidecarInMemory(bytes.subarray(0, length)))).toThrow(
        expect.objectContaining({ code: "receipt_untrusted" }),
      )
    }
  })
})

describe("the rows of a picture", () => {
  let decoder: Fingerprinter
  beforeAll(async () => {
    decoder = await openFingerprinter({ readRoots: [], processes: 1, profile: "fullres", kernel: "exact" })
  })
  afterAll(() => decoder[Symbol.asyncDispose]())

  const fingerprintOf = (bytes: Uint8Array): Promise<Fingerprint> =>
    decoder.fingerprint({ kind: "bytes", bytes }, noSignal)

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    "have the hash of the picture as shown, EXIF orientation %i",
    async (orientation) => {
      const shown = await jpeg(960)
      const stored = await storedAs(shown, orientation)
      // Another reader turns it upright too.
      const turned = await pdqRecord(await sharp(stored).autoOrient().png().toBuffer())
      const original = await pdqRecord(shown)
      expect(bitsApart(turned.hash, original.hash)).toBeLessThanOrEqual(31)
      const made = sidecarRows(7, await fingerprintOf(stored), false)
      expect(made.map(({ view }) => view)).toEqual(orientation === 1 ? ["upright"] : ["as-stored", "upright"])
      expect(bitsApart(made.at(-1)?.pdq ?? "", original.hash)).toBeLessThanOrEqual(31)
      if (orientation !== 1) {
        expect(made.at(-1)?.pdq).toBe(turned.hash)
        expect(bitsApart(made[0]?.pdq ?? "", original.hash)).toBeGreaterThan(60)
      }
      expect(made.every(({ ordinal, dihedral }) => ordinal === 7 && dihedral === "")).toBe(true)
    },
  )

  it("are one more for each background and each way to crop its bars, with all eight hashes if requested", async () => {
    const shown = sharp(await jpeg(961)).resize(64, 64)
    const fingerprint = await fingerprintOf(await shown.ensureAlpha(0.5).png().toBuffer())
    const views = fingerprint.picture?.views ?? []
    const made = sidecarRows(0, fingerprint, true)
    expect(new Set(made.map(({ view }) => view))).toEqual(new Set(["upright", "on-white", "on-grey"]))
    const wanted = views.map(({ pdq, crop }) => `${crop} ${pdq}`)
    const kept = made.flatMap(({ pdq, pdqQuality, pdqCropped, pdqCroppedQuality }) => [
      ...(pdqQuality < 0 ? [] : [`none ${pdq}`]),
      ...(pdqCroppedQuality < 0 ? [] : [`letterbox ${pdqCropped}`]),
    ])
    expect(new Set(kept)).toEqual(new Set(wanted))
    expect(made.every(({ dihedral, dihedralCropped }) => dihedral.length + dihedralCropped.length === 1024)).toBe(true)
  })

  it("are one without hashes for an item that is not a picture", async () => {
    const [only, ...others] = sidecarRows(3, await fingerprintOf(Buffer.from("words")), true)
    expect(others).toEqual([])
    expect(only).toMatchObject({
      view: "none",
      pdqQuality: -1,
      pdqCroppedQuality: -1,
      pdq: "0".repeat(64),
      sizeBytes: 5,
    })
  })
})

/** The same picture with its pixels stored so that an EXIF orientation shows it as it was. */
async function storedAs(shown: Uint8Array, orientation: number): Promise<Uint8Array> {
  const turn = async (bytes: Uint8Array, change: (image: Sharp) => Sharp) => await change(sharp(bytes)).png().toBuffer()
  const steps: readonly ((image: Sharp) => Sharp)[] =
    {
      2: [(image: Sharp) => image.flop()],
      3: [(image: Sharp) => image.rotate(180)],
      4: [(image: Sharp) => image.flip()],
      5: [(image: Sharp) => image.rotate(90), (image: Sharp) => image.flop()],
      6: [(image: Sharp) => image.rotate(270)],
      7: [(image: Sharp) => image.rotate(270), (image: Sharp) => image.flop()],
      8: [(image: Sharp) => image.rotate(90)],
    }[orientation] ?? []
  let bytes: Uint8Array = shown
  for (const step of steps) bytes = await turn(bytes, step)
  return await sharp(bytes).withMetadata({ orientation }).jpeg({ quality: 90 }).toBuffer()
}

function bitsApart(a: string, b: string): number {
  return hammingDistance(fromHex(a), fromHex(b))
}
