/**
 * Arrays and raw pictures of MDS as NumPy files, which the decoder reads.
 *
 * Source: MosaicML Streaming, `encodings.py` (`NDArray`, `PIL`); NumPy's format 1.0.
 * @module
 */

/** NumPy's names of element types, by the numbers that MDS stores, with their sizes in bytes. */
const TYPES: ReadonlyMap<number, readonly [name: string, descr: string, sizeBytes: number]> = new Map([
  [8, ["uint8", "|u1", 1]],
  [9, ["int8", "|i1", 1]],
  [16, ["uint16", "<u2", 2]],
  [17, ["int16", "<i2", 2]],
  [18, ["float16", "<f2", 2]],
  [32, ["uint32", "<u4", 4]],
  [33, ["int32", "<i4", 4]],
  [34, ["float32", "<f4", 4]],
  [64, ["uint64", "<u8", 8]],
  [65, ["int64", "<i8", 8]],
  [66, ["float64", "<f8", 8]],
])

/** An array: its elements and their shape. */
export interface StoredArray {
  /** NumPy's description of an element, such as `|u1`. */
  readonly descr: string
  readonly shape: readonly number[]
  readonly data: Buffer
}

/** Reads a value of an `ndarray` column; `undefined` if it is none. */
export function readArray(value: Buffer, encoding: string): StoredArray | undefined {
  const [, typeName, fixedShape] = encoding.split(":")
  let offset = 0
  const stored = typeName === undefined ? TYPES.get(value[offset++] ?? 0) : typeOf(typeName)
  if (stored === undefined) return undefined
  const [, descr, sizeBytes] = stored
  const shape: number[] = []
  if (fixedShape === undefined) {
    const axes = value[offset++] ?? 0
    const width = 2 ** (axes & 3)
    for (let axis = 0; axis < axes >> 2; axis++, offset += width) {
      if (offset + width > value.length) return undefined
      shape.push(width === 8 ? Number(value.readBigUInt64LE(offset)) : value.readUIntLE(offset, width))
    }
  } else {
    for (const part of fixedShape.split(",")) shape.push(Number(part))
  }
  return checked({ descr, shape, data: value.subarray(offset) }, sizeBytes)
}

/** Channels and element types of PIL's modes whose bytes are the picture's. */
const MODES: ReadonlyMap<string, readonly [channels: number, descr: string, sizeBytes: number]> = new Map([
  ["L", [1, "|u1", 1]],
  ["P", [1, "|u1", 1]],
  ["LA", [2, "|u1", 1]],
  ["RGB", [3, "|u1", 1]],
  ["RGBA", [4, "|u1", 1]],
  ["I;16", [1, "<u2", 2]],
  ["I", [1, "<i4", 4]],
  ["F", [1, "<f4", 4]],
])

/** Reads a value of a `pil` column; `undefined` if it is none, or its mode is not one of bytes as shown. */
export function readRawPicture(value: Buffer): StoredArray | undefined {
  if (value.length < 12) return undefined
  const [width, height, modeBytes] = [value.readUInt32LE(0), value.readUInt32LE(4), value.readUInt32LE(8)]
  const mode = MODES.get(value.toString("latin1", 12, 12 + Math.min(modeBytes, 16)))
  if (mode === undefined || 12 + modeBytes > value.length) return undefined
  const [channels, descr, sizeBytes] = mode
  const shape = channels === 1 ? [height, width] : [height, width, channels]
  return checked({ descr, shape, data: value.subarray(12 + modeBytes) }, sizeBytes)
}

/** Writes an array as a NumPy file. */
export function toNpy({ descr, shape, data }: StoredArray): Buffer {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ")
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`
  const padding = 64 - ((10 + dictionary.length + 1) % 64)
  const text = `${dictionary}${" ".repeat(padding % 64)}\n`
  const head = Buffer.alloc(10)
  head.write("\x93NUMPY\x01\x00", "latin1")
  head.writeUInt16LE(text.length, 8)
  return Buffer.concat([head, Buffer.from(text, "latin1"), data])
}

function typeOf(name: string) {
  return [...TYPES.values()].find(([candidate]) => candidate === name)
}

/** An array whose data are exactly its elements. */
function checked(array: StoredArray, sizeBytes: number): StoredArray | undefined {
  const { shape, data } = array
  const isShape = shape.length > 0 && shape.length < 64 && shape.every((side) => Number.isSafeInteger(side) && side > 0)
  const elements = shape.reduce((product, side) => product * side, 1)
  return isShape && elements * sizeBytes === data.length ? array : undefined
}
