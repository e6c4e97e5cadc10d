/**
 * Values of cells as JSON.
 * @module
 */
import { hexJson } from "../rows/value-json.ts"
import { type Leaf, PHYSICAL } from "./schema.ts"

/** Returns a number, boolean or, as text, hexadecimal digits. */
export function scalarJson(leaf: Leaf, bytes: Uint8Array, start: number): string {
  switch (leaf.content) {
    case "boolean":
      return bytes[start] === 0 ? "false" : "true"
    case "signed":
    case "unsigned":
      return integerJson(leaf, bytes, start)
    case "float": {
      const view = new DataView(bytes.buffer, bytes.byteOffset + start, leaf.widthBytes)
      const value = leaf.physical === PHYSICAL.float ? view.getFloat32(0, true) : view.getFloat64(0, true)
      return Number.isFinite(value) ? String(value) : `"${value}"`
    }
    case "hex":
    case "bytes":
    case "text":
      return hexJson(bytes, start, leaf.widthBytes)
  }
}

function integerJson({ physical, content }: Leaf, bytes: Uint8Array, start: number): string {
  const low =
    (bytes[start] ?? 0) |
    ((bytes[start + 1] ?? 0) << 8) |
    ((bytes[start + 2] ?? 0) << 16) |
    ((bytes[start + 3] ?? 0) << 24)
  if (physical === PHYSICAL.int32) return String(content === "unsigned" ? low >>> 0 : low)
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, 8)
  const high = view.getInt32(4, true)
  if (high === 0) return String(low >>> 0)
  return String(content === "unsigned" ? view.getBigUint64(0, true) : view.getBigInt64(0, true))
}
