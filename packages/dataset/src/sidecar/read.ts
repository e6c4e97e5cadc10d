/**
 * Reads fingerprint sidecars a column of a row group at a time, as runs of bytes.
 *
 * `write.ts` writes each column of a row group as one plain, uncompressed page, so its values are the last bytes of the
 * column's chunk and need no decoding. A file that is anything else is not one of ours and is refused.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { type ColumnMetaData, type FileMetaData, parquetMetadata, parquetReadObjects } from "hyparquet"
import { SIDECAR_VERSION } from "./write.ts"

/** Columns that are read as bytes, with the bytes of a value. */
const WIDTHS = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  pdq: 32,
  pdq_cropped: 32,
  dihedral: 256,
  dihedral_cropped: 256,
} as const

/** A column of hashes. */
export type HashColumn = keyof typeof WIDTHS

/** A column of whole numbers. */
export type NumberColumn = "ordinal" | "frame" | "pdq_quality" | "pdq_cropped_quality"

/** Some hundred thousand rows of a sidecar. */
export interface SidecarRows {
  readonly rows: number
  /** Values of a column, one after another: a view of the file's bytes. */
  hashes(column: HashColumn): Uint8Array
  /** A column of numbers, read once. Not to be modified. */
  numbers(column: NumberColumn): Int32Array
}

/** An open sidecar. */
export interface Sidecar {
  readonly rows: number
  /** Whether all eight orientations are there. */
  readonly orientations: boolean
  readonly groups: readonly SidecarRows[]
  /** Reads how a row's hash was made, by row of the file. Slow: for rows that matched. */
  view(row: number): Promise<string>
}

/** Largest page header that the writer makes, bytes. */
const MAX_PAGE_HEADER = 128

/**
 * Opens a sidecar's bytes.
 *
 * @param bytes - the whole file. Kept; views of it are handed out.
 * @throws {IntegrityError} `receipt_untrusted` if it is not what `encodeSidecar` of this version writes.
 */
export function openSidecar(bytes: Uint8Array): Sidecar {
  const file = exactBuffer(bytes)
  const metadata = readMetadata(file)
  const groups = metadata.row_groups.map(({ columns, num_rows }): SidecarRows => {
    const rows = Number(num_rows)
    const values = (name: string, width: number): Uint8Array => {
      const column = columns.find(({ meta_data }) => meta_data?.path_in_schema[0] === name)?.meta_data
      if (column === undefined) throw untrusted()
      return valuesOf(bytes, column, rows * width)
    }
    const numbers = new Map<NumberColumn, Int32Array>()
    return {
      rows,
      hashes: (column) => values(column, WIDTHS[column]),
      numbers: (column) => {
        const read = numbers.get(column) ?? toInts(values(column, 4))
        numbers.set(column, read)
        return read
      },
    }
  })
  return {
    rows: Number(metadata.num_rows),
    orientations: metadata.schema.some(({ name }) => name === "dihedral"),
    groups,
    view: async (row) => {
      const [found] = await parquetReadObjects({ file, metadata, columns: ["view"], rowStart: row, rowEnd: row + 1 })
      return String(found?.["view"])
    },
  }
}

function readMetadata(file: ArrayBuffer): FileMetaData {
  try {
    const metadata = parquetMetadata(file)
    const version = metadata.key_value_metadata?.find(({ key }) => key === "nightlight.sidecar")?.value
    if (version === SIDECAR_VERSION) return metadata
  } catch {
    // Said below, without the reader's words.
  }
  throw untrusted()
}

function valuesOf(bytes: Uint8Array, column: ColumnMetaData, length: number): Uint8Array {
  const start = Number(column.data_page_offset)
  const size = Number(column.total_compressed_size)
  const isPlain = column.codec === "UNCOMPRESSED" && column.encodings.every((encoding) => encoding === "PLAIN")
  const isOnePage = size >= length && size - length <= MAX_PAGE_HEADER
  if (!isPlain || !isOnePage || start < 0 || start + size > bytes.length) throw untrusted()
  return bytes.subarray(start + size - length, start + size)
}

function toInts(values: Uint8Array): Int32Array {
  // A copy: the file's bytes need not be aligned. Parquet is little-endian, and so is every platform Node runs on.
  return new Int32Array(new Uint8Array(values).buffer)
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = bytes
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer
  return new Uint8Array(bytes).buffer
}

function untrusted(): IntegrityError {
  return new IntegrityError("receipt_untrusted", "a fingerprint sidecar is not what a scan wrote")
}
