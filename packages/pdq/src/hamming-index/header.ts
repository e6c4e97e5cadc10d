/**
 * The header of an index, in memory and in a file.
 * @module
 */
import { PdqError } from "../errors.ts"
import { HASH_BYTES } from "../hash.ts"
import { HEADER_BYTES, type Layout, layOut } from "./layout.ts"

/** "PDQINDEX", read as two little-endian words. */
const MAGIC = [0x49514450, 0x5845444e] as const
const VERSION = 2
const FLAG_TABLES = 1

const AT = { version: 8, flags: 12, rows: 16, entries: 20, deltaCapacity: 24 } as const
const AT_SECTIONS = 40
/** SHA-256 of the preceding header; only in files. */
const AT_DIGEST = HEADER_BYTES - 32

/** Offsets of the numbers of reserved slots, of filled slots, and of withdrawn ids. */
export const AT_COUNTS = { deltaReserved: 28, deltaReady: 32, withdrawn: 36 } as const

/** The counts that change while an index is in use. */
export interface Counts {
  readonly deltaReserved: number
  readonly deltaReady: number
  readonly withdrawn: number
}

/** Writes the header of a new index with an empty delta and no withdrawals. */
export function writeHeader(header: DataView, layout: Layout): void {
  header.setUint32(0, MAGIC[0], true)
  header.setUint32(4, MAGIC[1], true)
  header.setUint32(AT.version, VERSION, true)
  header.setUint32(AT.flags, layout.hasTables ? FLAG_TABLES : 0, true)
  header.setUint32(AT.rows, layout.rows, true)
  header.setUint32(AT.entries, layout.entries, true)
  header.setUint32(AT.deltaCapacity, layout.deltaCapacity, true)
  for (const [i, offset] of sectionsOf(layout).entries()) header.setUint32(AT_SECTIONS + 4 * i, offset, true)
}

/** Sets the counts and the checksum of a header for a file. */
export function sealHeader(header: Uint8Array, counts: Counts): void {
  const view = new DataView(header.buffer, header.byteOffset, HEADER_BYTES)
  for (const name of ["deltaReserved", "deltaReady", "withdrawn"] as const) {
    view.setUint32(AT_COUNTS[name], counts[name], true)
  }
  header.set(headerDigest(header), AT_DIGEST)
}

/**
 * Checks the header of a file.
 *
 * @param header - its first 4,096 bytes, or fewer if the file is shorter.
 * @param sizeBytes - of the whole file.
 * @throws {PdqError} `image_malformed` unless all fields agree with each other and with the size.
 */
export function parseFileHeader(header: Uint8Array, sizeBytes: number): Layout & Counts {
  if (header.length !== HEADER_BYTES) throw malformed("is shorter than a header")
  const parsed = parseHeader(new DataView(header.buffer, header.byteOffset, HEADER_BYTES))
  if (headerDigest(header).compare(header.subarray(AT_DIGEST)) !== 0) throw malformed("header fails its checksum")
  const expectedBytes = parsed.delta + parsed.deltaReserved * HASH_BYTES
  if (sizeBytes !== expectedBytes) throw malformed(`has ${sizeBytes} bytes, but its header requires ${expectedBytes}`)
  return parsed
}

/**
 * Checks the header of an index in memory.
 *
 * @throws {PdqError} `image_malformed` if it is not the header of an index of this version.
 */
export function parseHeader(view: DataView): Layout & Counts {
  if (view.getUint32(0, true) !== MAGIC[0] || view.getUint32(4, true) !== MAGIC[1]) throw malformed("is not an index")
  const version = view.getUint32(AT.version, true)
  if (version !== VERSION) throw malformed(`expected version ${VERSION}, got ${version}`)
  const flags = view.getUint32(AT.flags, true)
  const hasTables = flags === FLAG_TABLES
  const rows = view.getUint32(AT.rows, true)
  const entries = view.getUint32(AT.entries, true)
  const deltaCapacity = view.getUint32(AT.deltaCapacity, true)
  const counts = readCounts(view)
  const consistent =
    (flags === 0 || hasTables) &&
    entries <= (hasTables ? rows : 0) &&
    counts.deltaReserved <= deltaCapacity &&
    counts.deltaReady <= counts.deltaReserved &&
    counts.withdrawn <= rows + counts.deltaReserved
  if (!consistent) throw malformed("counts contradict each other")
  const layout = layOutOrMalformed({ rows, entries, hasTables, deltaCapacity })
  for (const [i, offset] of sectionsOf(layout).entries()) {
    if (view.getUint32(AT_SECTIONS + 4 * i, true) !== offset) throw malformed("sections have wrong offsets")
  }
  return { ...layout, ...counts }
}

/**
 * Reads the counts, which other threads may be increasing. No count ever decreases, and a slot is reserved before it is
 * ready or withdrawn, so a bound is read after the counts that it bounds.
 */
function readCounts(view: DataView): Counts {
  const read = (offset: number): number =>
    view.buffer instanceof SharedArrayBuffer
      ? Atomics.load(new Uint32Array(view.buffer, view.byteOffset + offset, 1), 0)
      : view.getUint32(offset, true)
  const withdrawn = read(AT_COUNTS.withdrawn)
  const deltaReady = read(AT_COUNTS.deltaReady)
  const deltaReserved = read(AT_COUNTS.deltaReserved)
  return { deltaReserved, deltaReady, withdrawn }
}

function layOutOrMalformed(shape: Parameters<typeof layOut>[0]): Layout {
  try {
    return layOut(shape)
  } catch {
    throw malformed("counts are larger than any index")
  }
}

function sectionsOf(layout: Layout): readonly number[] {
  const { halfA, halfB, starts, sketches, ids, withdrawnBits, readyBits, delta } = layout
  return [halfA, halfB, starts, sketches, ids, withdrawnBits, readyBits, delta]
}

function headerDigest(header: Uint8Array): Buffer {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(header.subarray(0, AT_DIGEST)).digest()
}

/** Makes the error for an unusable image. */
export function malformed(what: string): PdqError {
  return new PdqError("image_malformed", `the image ${what}`)
}
