/**
 * Reads fingerprint sidecars one column of a row group at a time, as byte ranges.
 *
 * `write.ts` writes each column of a row group as one plain, uncompressed page, so its values are the last bytes of the
 * column's chunk and need no decoding. Any other file is not one of ours and is refused. A hunt reads a few columns of
 * very many rows: each is compared with its own digest from the receipt, so the others need not be read.
 * @module
 */
import { createHash } from "node:crypto"
import { IntegrityError } from "@nightlight/core"
import { parquetMetadata } from "hyparquet"
import { z } from "zod"
import type { SidecarFile } from "./file.ts"
import { SIDECAR_VERSION } from "./write.ts"

/** Columns that can be read, with the bytes of a value. */
const WIDTHS = {
  ordinal: 4,
  frame: 4,
  view: 4,
  md5: 16,
  sha1: 20,
  sha256: 32,
  pdq: 32,
  pdq_quality: 4,
  pdq_cropped: 32,
  pdq_cropped_quality: 4,
  dihedral: 256,
  dihedral_cropped: 256,
} as const

/** A column of whole numbers. */
export type NumberColumn = "ordinal" | "frame" | "view" | "pdq_quality" | "pdq_cropped_quality"

/** A column of hashes. */
export type HashColumn = Exclude<keyof typeof WIDTHS, NumberColumn>

/** Lower-case hexadecimal SHA-256 of each column's values in one row group. */
export type ColumnDigests = Readonly<Record<string, string>>

/** Some hundred thousand rows of a sidecar. */
export interface SidecarRows {
  readonly rows: number
  /** Values of a column, one after another. Not to be modified. @throws {IntegrityError} as {@link openSidecar}. */
  hashes(column: HashColumn): Uint8Array
  /** A column of numbers. Not to be modified. @throws {IntegrityError} as {@link openSidecar}. */
  numbers(column: NumberColumn): Int32Array
}

/** An open sidecar. */
export interface Sidecar {
  readonly rows: number
  /** Whether all eight orientations are present. */
  readonly orientations: boolean
  readonly groups: readonly SidecarRows[]
}

/** Largest page header that the writer makes, bytes. */
const MAX_PAGE_HEADER = 128
/** Length of the footer and the format's mark at a Parquet file's end. */
const TAIL_BYTES = 8
const MAX_FOOTER_BYTES = 16 * 2 ** 20

const Offset = z.bigint().nonnegative().transform(Number)

const ColumnChunk = z.object({
  path_in_schema: z.array(z.string()),
  codec: z.string(),
  encodings: z.array(z.string()),
  data_page_offset: Offset,
  total_compressed_size: Offset,
})
type ColumnChunk = z.infer<typeof ColumnChunk>

/** The used part of a footer. The reader's own types promise fields that a damaged footer lacks. */
const Footer = z.object({
  schema: z.array(z.object({ name: z.string() })),
  row_groups: z.array(z.object({ num_rows: Offset, columns: z.array(z.object({ meta_data: ColumnChunk })) })),
  key_value_metadata: z.array(z.object({ key: z.string(), value: z.string().optional() })),
})
type Footer = z.infer<typeof Footer>

/**
 * Opens a sidecar. Columns are read, and compared with their digests, when they are asked for.
 *
 * @param digests - of each row group, from the signed receipt; unchecked where absent.
 * @throws {IntegrityError} `receipt_untrusted` if it is not what `encodeSidecar` of this version wrote for that receipt.
 */
export function openSidecar(file: SidecarFile, digests?: readonly ColumnDigests[]): Sidecar {
  const footer = readFooter(file)
  if (digests !== undefined && digests.length !== footer.row_groups.length) throw untrusted()
  const groups = footer.row_groups.map(({ columns, num_rows: rows }, group): SidecarRows => {
    const read = new Map<string, Uint8Array>()
    const values = (name: keyof typeof WIDTHS): Uint8Array => {
      const known = read.get(name)
      if (known !== undefined) return known
      const column = columns.find(({ meta_data }) => meta_data.path_in_schema[0] === name)?.meta_data
      if (column === undefined) throw untrusted()
      const bytes = readValues(file, column, rows * WIDTHS[name])
      if (digests !== undefined && digestOf(bytes) !== digests[group]?.[name]) throw untrusted()
      read.set(name, bytes)
      return bytes
    }
    return { rows, hashes: values, numbers: (column) => toInts(values(column)) }
  })
  return {
    rows: groups.reduce((sum, { rows }) => sum + rows, 0),
    // Where there is a receipt it decides: a damaged name in the footer must not hide seven of eight orientations.
    orientations:
      digests?.some((columns) => "dihedral" in columns) ?? footer.schema.some(({ name }) => name === "dihedral"),
    groups,
  }
}

/** Digests every column of a sidecar, for its receipt. */
export function digestColumns(sidecar: Sidecar): readonly ColumnDigests[] {
  const columns = (Object.keys(WIDTHS) as (keyof typeof WIDTHS)[]).filter(
    (name) => sidecar.orientations || !name.startsWith("dihedral"),
  )
  // A number's bytes are its stored form, so `hashes` reads any column.
  return sidecar.groups.map((rows) =>
    Object.fromEntries(columns.map((name) => [name, digestOf(rows.hashes(name as HashColumn))])),
  )
}

function readFooter(file: SidecarFile): Footer {
  try {
    const tail = file.read(file.sizeBytes - TAIL_BYTES, TAIL_BYTES)
    const footerBytes = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true)
    if (footerBytes > MAX_FOOTER_BYTES) throw untrusted()
    const bytes = file.read(file.sizeBytes - TAIL_BYTES - footerBytes, footerBytes + TAIL_BYTES)
    const footer = Footer.parse(parquetMetadata(new Uint8Array(bytes).buffer))
    const version = footer.key_value_metadata.find(({ key }) => key === "nightlight.sidecar")?.value
    if (version === SIDECAR_VERSION) return footer
  } catch {
    // Said below, without the reader's words.
  }
  throw untrusted()
}

function readValues(file: SidecarFile, column: ColumnChunk, length: number): Uint8Array {
  const { data_page_offset: start, total_compressed_size: size } = column
  const isPlain = column.codec === "UNCOMPRESSED" && column.encodings.every((encoding) => encoding === "PLAIN")
  const isOnePage = size >= length && size - length <= MAX_PAGE_HEADER
  if (!isPlain || !isOnePage || start + size > file.sizeBytes) throw untrusted()
  return file.read(start + size - length, length)
}

function toInts(values: Uint8Array): Int32Array {
  const { buffer, byteOffset, byteLength } = values
  // Parquet is little-endian, and so is every platform Node runs on; what is not aligned is copied.
  return byteOffset % 4 === 0
    ? new Int32Array(buffer, byteOffset, byteLength / 4)
    : new Int32Array(new Uint8Array(values).buffer)
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex")
}

function untrusted(): IntegrityError {
  return new IntegrityError("receipt_untrusted", "a fingerprint sidecar does not match its receipt", {
    hint: "Restore it from a backup, or scan its dataset again.",
  })
}
