/**
 * NumPy's array file (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 * @module
 */
import { type ElementType, sizeOf, type Tensor } from "./tensor.ts"

/** Exactly the form that NumPy writes, because other readers may read any other form differently. */
const HEADER =
  /^\{'descr': (?:'([<>|=])([biufcMm])(\d{1,2})(?:\[\d*[a-zA-Z]+\])?'|(\[[^\]]*\])), 'fortran_order': (True|False), 'shape': \(((?:\d{1,16}(?:, ?\d{1,16})*,?)?)\), \} *\n$/
const FIELD = /\('[^'\\]{1,200}', '([<>|=])([biufcMm])(\d{1,2})'\)/g

/**
 * Reads the header of a file that begins with its magic.
 *
 * @param head - its beginning, with the whole header.
 * @returns `undefined` where the header does not describe an array of numbers, or the file does not have exactly the
 * stated length.
 */
export function parseNpy(head: Uint8Array, sizeBytes: number): readonly Tensor[] | undefined {
  const file = Buffer.from(head.buffer, head.byteOffset, head.length)
  const version = file[6] ?? 0
  if (file.length < 12 || version < 1 || version > 3 || file[7] !== 0) return undefined
  const textAt = version === 1 ? 10 : 12
  const start = textAt + (version === 1 ? file.readUInt16LE(8) : file.readUInt32LE(8))
  if (start > file.length) return undefined
  const match = HEADER.exec(file.toString("latin1", textAt, start))
  if (match === null) return undefined
  const [, order = "", kind = "", bytes = "", fields, fortran, sides = ""] = match
  const shape = sides
    .split(",")
    .filter((side) => side.trim() !== "")
    .map(Number)
  const element = fields === undefined ? elementOf(order, kind, bytes) : recordOf(fields, shape)
  const length =
    element === undefined ? undefined : sizeOf(shape, typeof element === "number" ? element : element.bytes)
  if (element === undefined || length === undefined || start + length !== sizeBytes) return undefined
  const type: ElementType = typeof element === "number" ? { kind: "x", bytes: 1, isBigEndian: false } : element
  return [{ element: type, shape, isFortran: fortran === "True", start, end: sizeBytes }]
}

function elementOf(order: string, kind: string, digits: string): ElementType | undefined {
  const bytes = Number(digits)
  const allowed = { b: [1], u: [1, 2, 4, 8], i: [1, 2, 4, 8], f: [2, 4, 8, 16], c: [8, 16, 32], M: [8], m: [8] }[kind]
  if (allowed?.includes(bytes) !== true) return undefined
  const isInspected = "buif".includes(kind) && bytes <= 8
  return {
    kind: isInspected ? (kind as ElementType["kind"]) : "x",
    bytes: bytes as ElementType["bytes"],
    isBigEndian: order === ">",
  }
}

/** Bytes of a record of numbers, only in one dimension, like a table's rows: more dimensions could be a picture. */
function recordOf(fields: string, shape: readonly number[]): number | undefined {
  const found = [...fields.matchAll(FIELD)]
  if (shape.length !== 1 || found.map(([field]) => field).join(", ") !== fields.slice(1, -1)) return undefined
  const sizes = found.map(([, order = "", kind = "", bytes = ""]) => elementOf(order, kind, bytes)?.bytes)
  let sum = 0
  for (const size of sizes) {
    if (size === undefined) return undefined
    sum += size
  }
  return sum
}
