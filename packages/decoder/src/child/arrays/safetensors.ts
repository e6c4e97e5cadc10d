/**
 * Safetensors (https://huggingface.co/docs/safetensors): a length, a JSON header, and the arrays one after another.
 * @module
 */
import { JSON_BOUNDS, type JsonBounds, parseStrictJson } from "@nightlight/core"
import { type ElementType, sizeOf, type Tensor } from "./tensor.ts"

const TYPES: Readonly<Record<string, Pick<ElementType, "kind" | "bytes">>> = {
  BOOL: { kind: "b", bytes: 1 },
  U8: { kind: "u", bytes: 1 },
  I8: { kind: "i", bytes: 1 },
  F8_E4M3: { kind: "x", bytes: 1 },
  F8_E5M2: { kind: "x", bytes: 1 },
  U16: { kind: "u", bytes: 2 },
  I16: { kind: "i", bytes: 2 },
  F16: { kind: "f", bytes: 2 },
  BF16: { kind: "h", bytes: 2 },
  U32: { kind: "u", bytes: 4 },
  I32: { kind: "i", bytes: 4 },
  F32: { kind: "f", bytes: 4 },
  U64: { kind: "u", bytes: 8 },
  I64: { kind: "i", bytes: 8 },
  F64: { kind: "f", bytes: 8 },
}

/** Longest header read, bytes. */
const HEADER_BYTES = 16 * 1024 * 1024

/** The arrays of a file, and its header's metadata. */
export interface Safetensors {
  readonly tensors: readonly Tensor[]
  readonly headerText: string
}

/**
 * Reads the header.
 *
 * @param head - the file's beginning, with the whole header.
 * @returns `undefined` where the file is not exactly in the format: every byte must belong to one array.
 */
export function parseSafetensors(head: Uint8Array, sizeBytes: number): Safetensors | undefined {
  const file = Buffer.from(head.buffer, head.byteOffset, head.length)
  if (file.length < 10) return undefined
  const headerBytes = Number(file.readBigUInt64LE(0))
  const start = 8 + headerBytes
  if (headerBytes > HEADER_BYTES || start > file.length) return undefined
  const header = jsonIn(file.subarray(8, start))
  if (typeof header !== "object" || header === null || Array.isArray(header)) return undefined
  const tensors: Tensor[] = []
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue
    const tensor = tensorOf(entry, start)
    if (tensor === undefined) return undefined
    tensors.push(tensor)
  }
  tensors.sort((a, b) => a.start - b.start || a.end - b.end)
  let covered = start
  for (const tensor of tensors) {
    if (tensor.start !== covered) return undefined
    covered = tensor.end
  }
  return covered === sizeBytes ? { tensors, headerText: file.toString("utf8", 8, start) } : undefined
}

function tensorOf(entry: unknown, dataStart: number): Tensor | undefined {
  if (typeof entry !== "object" || entry === null) return undefined
  const { dtype, shape, data_offsets: offsets } = entry as Readonly<Record<string, unknown>>
  const type = typeof dtype === "string" && Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined
  if (type === undefined || !areCounts(shape) || !areCounts(offsets) || offsets.length !== 2) return undefined
  const [from = 0, to = 0] = offsets
  if (sizeOf(shape, type.bytes) !== to - from) return undefined
  return {
    element: { ...type, isBigEndian: false },
    shape,
    isFortran: false,
    start: dataStart + from,
    end: dataStart + to,
  }
}

function areCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0)
}

/** A mixture-of-experts model has tens of thousands of tensors; the header's length is limited separately. */
const BOUNDS: JsonBounds = { ...JSON_BOUNDS, values: 10_000_000, members: 1_000_000, blankBytes: 128 * 1024 * 1024 }

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return parseStrictJson(bytes, BOUNDS)
  } catch {
    return undefined
  }
}
