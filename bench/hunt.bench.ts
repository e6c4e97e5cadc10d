/**
 * A hunt over fingerprint sidecars: reading, checking their digests, and matching, on one core.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  digestColumns,
  encodeSidecar,
  huntSidecar,
  openSidecar,
  openSidecarFile,
  type SidecarRow,
  sidecarInMemory,
} from "@nightlight/dataset"
import { createHunter, type NewEntry } from "@nightlight/screening"
import { type BenchRow, median } from "./row.ts"

const ROWS = 500_000
const FILES = 4
const ROUNDS = 3

/** Measures the rate for 1,000 and 10,000 new hashes, beside merely reading and digesting the same files. */
export async function benchHunt(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "nightlight-bench-hunt-"))
  try {
    const paths = writeSidecars(folder)
    const digests = digestColumns(openSidecar(sidecarInMemory(readFileSync(paths[0] ?? ""))))
    const read = () =>
      seconds(() => {
        for (const path of paths) {
          using file = openSidecarFile(path)
          for (const rows of openSidecar(file, digests).groups) {
            rows.hashes("pdq")
            rows.numbers("pdq_quality")
            rows.numbers("pdq_cropped_quality")
          }
        }
      })
    return [1_000, 10_000].map((count) => {
      const hunter = createHunter(newEntries(count))
      const hunt = () =>
        seconds(() => {
          for (const path of paths) {
            using file = openSidecarFile(path)
            huntSidecar(openSidecar(file, digests), hunter)
          }
        })
      hunt()
      const hunts: number[] = []
      const reads: number[] = []
      for (let round = 0; round < ROUNDS; round++) {
        hunts.push(hunt())
        reads.push(read())
      }
      const rate = (ROWS * FILES) / median(hunts) / 1e6
      const atLeast = count === 1_000 ? 4 : 1.2
      return {
        what: `hunt over sidecars for ${count === 1_000 ? "1 k" : "10 k"} new hashes, one core`,
        measured: `${rate.toPrecision(3)} M stored hashes a second`,
        ratio: rate,
        atLeast,
        ok: rate >= atLeast,
        note: `reading and digesting the same columns alone: ${((ROWS * FILES) / median(reads) / 1e6).toPrecision(3)} M rows a second`,
      }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeSidecars(folder: string): string[] {
  const bytes = encodeSidecar(
    Array.from({ length: ROWS }, (_, ordinal) => randomRow(ordinal)),
    {
      scan: "s-000001",
      shard: "bench",
      profile: "fullres",
      kernel: "fast",
      orientations: false,
    },
  )
  return Array.from({ length: FILES }, (_, file) => {
    const path = join(folder, `${file}.parquet`)
    writeFileSync(path, bytes)
    return path
  })
}

function randomRow(ordinal: number): SidecarRow {
  const digest = (salt: string) => createHash("sha512").update(`${salt}${ordinal}`).digest("hex")
  const digits = digest("row")
  return {
    ordinal,
    frame: 0,
    view: "upright",
    mediaType: "image/jpeg",
    sizeBytes: 60_000,
    md5: digits.slice(0, 32),
    sha1: digits.slice(32, 72),
    sha256: digits.slice(64, 128),
    pdq: digest("pdq").slice(0, 64),
    pdqQuality: 90,
    pdqCropped: "0".repeat(64),
    pdqCroppedQuality: -1,
    dihedral: "",
    dihedralCropped: "",
  }
}

function newEntries(count: number): NewEntry[] {
  return Array.from({ length: count }, (_, entry) => ({
    list: "new",
    entry,
    hashType: "pdq" as const,
    hash: createHash("sha256").update(`new${entry}`).digest(),
    radiusBits: 31,
  }))
}

function seconds(work: () => void): number {
  const startedAt = performance.now()
  work()
  return (performance.now() - startedAt) / 1_000
}
