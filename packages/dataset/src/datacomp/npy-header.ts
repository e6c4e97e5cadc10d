/**
 * The header of a NumPy file of DataComp's ids: an array of one axis whose elements are two unsigned numbers of 64 bits.
 *
 * Source: NumPy, `numpy/lib/format.py`, versions 1.0 to 3.0; DataComp, `resharder.py` (`np.dtype("u8,u8")`).
 * @module
 */
import { RequestError } from "@nightlight/core"

const MAGIC = Buffer.from("\x93NUMPY", "latin1")
const ALIGNMENT_BYTES = 64
/** NumPy leaves room for this many digits of the first axis, so that an array may grow in place. */
const AXIS_DIGITS = 21
/** NumPy itself reads no longer header of a file that it does not trust. */
const MAX_HEADER_BYTES = 10_000
/** Bytes that say how long the header is, with those before. */
const PREFIX_BYTES = { 1: 10, 2: 12, 3: 12 } as const
/** What is read of a file to find its header. */
export const HEAD_BYTES = PREFIX_BYTES[3] + MAX_HEADER_BYTES

const DESCRIPTION = "[('f0', '<u8'), ('f1', '<u8')]"

/** Writes the header of a file with this many ids, as `numpy.save` of NumPy 1.25 and later does: always 128 bytes. */
export function encodeHeader(count: number): Buffer {
  const dictionary = `{'descr': ${DESCRIPTION}, 'fortran_order': False, 'shape': (${count},), }`
  const text = dictionary + " ".repeat(AXIS_DIGITS - String(count).length)
  const prefix = Buffer.alloc(PREFIX_BYTES[1])
  MAGIC.copy(prefix)
  prefix[MAGIC.length] = 1
  const padding = ALIGNMENT_BYTES - ((prefix.length + text.length + 1) % ALIGNMENT_BYTES)
  const header = Buffer.from(`${text}${" ".repeat(padding)}\n`, "latin1")
  prefix.writeUInt16LE(header.length, MAGIC.length + 2)
  return Buffer.concat([prefix, header])
}

/** Where a file's ids begin, and how many there are. */
export interface NpyHeader {
  readonly sizeBytes: number
  readonly count: number
}

/**
 * Reads the header of a file. It is compared with what NumPy writes and never evaluated.
 *
 * @param head - The file's first {@link HEAD_BYTES}, fewer only at its end.
 * @throws {RequestError} `input_invalid` where the file is not an array of ids.
 */
export function readHeader(head: Buffer): NpyHeader {
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw unusable("it is not a NumPy file (.npy)")
  const prefixBytes = PREFIX_BYTES[(head[MAGIC.length] ?? 0) as keyof typeof PREFIX_BYTES]
  if (prefixBytes === undefined) throw unusable("its version of the format is not known")
  if (head.length < prefixBytes) throw unusable("it is cut short")
  const at = MAGIC.length + 2
  const headerBytes = prefixBytes === PREFIX_BYTES[1] ? head.readUInt16LE(at) : head.readUInt32LE(at)
  if (headerBytes > MAX_HEADER_BYTES) throw unusable("its header is longer than NumPy reads")
  if (head.length < prefixBytes + headerBytes) throw unusable("it is cut short")
  const text = head.toString("latin1", prefixBytes, prefixBytes + headerBytes)
  const found = HEADER.exec(text)
  if (found === null) throw unusable("its header is not one that NumPy writes")
  const [, description = "", order, shape = ""] = found
  assertIds(description)
  if (order === "True") throw unusable("it is in Fortran order")
  const count = /^(\d{1,15}),$/.exec(shape)?.[1]
  if (count === undefined) throw unusable("it is not an array of one axis")
  return { sizeBytes: prefixBytes + headerBytes, count: Number(count) }
}

/** Each part excludes the sign that ends it, so that matching takes time in proportion to the text. */
const HEADER = /^\{'descr': (\[[^\]]*\]|'[^']*'), 'fortran_order': (True|False), 'shape': \(([\d, ]*)\),? ?\} *\n?$/

function assertIds(description: string): void {
  if (description === DESCRIPTION) return
  if (description.includes("O")) throw unusable("it holds Python objects, which are never loaded")
  if (description.includes(">")) throw unusable("its numbers are big-endian")
  throw unusable("its elements are not pairs of unsigned 64-bit numbers")
}

/** The error for a subset that cannot be used. */
export function unusable(problem: string): RequestError {
  return new RequestError("input_invalid", `the subset cannot be used: ${problem}`, {
    hint: 'A DataComp subset is saved by numpy.save from an array of dtype "u8,u8" with one axis.',
  })
}
