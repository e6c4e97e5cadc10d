/**
 * Hunts for new entries in one sidecar.
 * @module
 */
import { type Background, ORIENTATIONS, type Orientation } from "@nightlight/core"
import { MATCH_MIN_QUALITY } from "@nightlight/pdq"
import type { Hunter, NewEntry } from "@nightlight/screening"
import type { HashColumn, NumberColumn, Sidecar, SidecarRows } from "../sidecar/read.ts"
import { SIDECAR_VIEWS, type SidecarView } from "../sidecar/rows.ts"

/** A row that a new entry matches. */
export interface SidecarHit {
  /** Row of the sidecar, from 0. */
  readonly row: number
  readonly ordinal: number
  readonly frame: number
  readonly entry: NewEntry
  readonly distanceBits: number
  /** Absent for a digest. */
  readonly quality?: number
  readonly orientation: Orientation
  readonly crop: "none" | "letterbox"
  readonly background: Background
  /** Hexadecimal SHA-256 of the item. In memory only. */
  readonly sha256: string
}

/** Compares all rows, in their order. PDQ hashes below quality 50 are too unreliable and are skipped. */
export function huntSidecar(sidecar: Sidecar, hunter: Hunter): readonly SidecarHit[] {
  const hits: SidecarHit[] = []
  let first = 0
  for (const rows of sidecar.groups) {
    if (hunter.has("pdq")) {
      huntColumn("pdq", "pdq_quality", "none")
      huntColumn("pdq_cropped", "pdq_cropped_quality", "letterbox")
      if (sidecar.orientations) {
        huntColumn("dihedral", "pdq_quality", "none")
        huntColumn("dihedral_cropped", "pdq_cropped_quality", "letterbox")
      }
    }
    for (const hashType of ["md5", "sha1", "sha256"] as const) {
      if (!hunter.has(hashType)) continue
      for (const { row, entry, distanceBits } of hunter.huntDigests(hashType, rows.hashes(hashType))) {
        hits.push(hitAt(rows, first, { row, entry, distanceBits, orientation: "upright", crop: "none" }))
      }
    }
    first += rows.rows

    function huntColumn(column: HashColumn, qualityColumn: NumberColumn, crop: SidecarHit["crop"]): void {
      const qualities = rows.numbers(qualityColumn)
      const usable = usableRows(qualities)
      if (usable.length === 0) return
      const width = column.startsWith("dihedral") ? ORIENTATIONS.length : 1
      const hashes = gather(rows.hashes(column), usable, width * 32, rows.rows)
      for (const { row: rowIndex, entry, distanceBits } of hunter.huntPdq(hashes)) {
        const orientation = ORIENTATIONS[rowIndex % width]
        const row = usable[Math.floor(rowIndex / width)]
        // The upright hash is among the eight, so it was found already.
        if (row === undefined || orientation === undefined || (width > 1 && orientation === "upright")) continue
        const quality = qualities[row] ?? 0
        hits.push({ ...hitAt(rows, first, { row, entry, distanceBits, orientation, crop }), quality })
      }
    }
  }
  return hits
}

function usableRows(qualities: Int32Array): Uint32Array {
  const usable = new Uint32Array(qualities.length)
  let count = 0
  for (let row = 0; row < qualities.length; row++) {
    if ((qualities[row] ?? -1) >= MATCH_MIN_QUALITY) usable[count++] = row
  }
  return usable.subarray(0, count)
}

function gather(column: Uint8Array, usable: Uint32Array, width: number, rows: number): Uint8Array {
  if (usable.length === rows) return column
  const gathered = new Uint8Array(usable.length * width)
  for (let index = 0; index < usable.length; index++) {
    const start = (usable[index] ?? 0) * width
    gathered.set(column.subarray(start, start + width), index * width)
  }
  return gathered
}

const BACKGROUNDS: Readonly<Record<SidecarView, Background>> = {
  upright: "dropped",
  "as-stored": "dropped",
  "on-white": "white",
  "on-black": "black",
  "on-grey": "grey",
  none: "dropped",
}

interface PlainHit {
  readonly row: number
  readonly entry: NewEntry
  readonly distanceBits: number
  readonly orientation: Orientation
  readonly crop: "none" | "letterbox"
}

function hitAt(rows: SidecarRows, first: number, hit: PlainHit): SidecarHit {
  const { row } = hit
  const sha256 = rows.hashes("sha256").subarray(row * 32, row * 32 + 32)
  return {
    ...hit,
    row: first + row,
    ordinal: rows.numbers("ordinal")[row] ?? 0,
    frame: rows.numbers("frame")[row] ?? 0,
    background: BACKGROUNDS[SIDECAR_VIEWS[rows.numbers("view")[row] ?? 0] ?? "upright"],
    sha256: Buffer.from(sha256).toString("hex"),
  }
}
