import { walkLzw } from "./lzw.ts"
import { cutStructure, type Structure } from "./structure.ts"

/** Walks a GIF's blocks (GIF89a, 17 to 27) and the codes of its pictures. */
export function gifStructure(file: Buffer): Structure {
  const areas: Buffer[] = []
  let isBroken = false
  let offset = 13 + colourTableBytes(file[10] ?? 0)
  while (offset < file.length) {
    const block = file[offset]
    if (block === 0x3b) return { end: offset + 1, isBroken, areas, coded: [] }
    if (block === 0x21) {
      const { data, next } = subBlocks(file, offset + 2)
      areas.push(data)
      offset = next
    } else if (block === 0x2c && offset + 11 <= file.length) {
      const pixels = file.readUInt16LE(offset + 5) * file.readUInt16LE(offset + 7)
      const start = offset + 10 + colourTableBytes(file[offset + 9] ?? 0)
      const { data, next } = subBlocks(file, start + 1)
      const rest = behindPixels(data, file[start] ?? 0, pixels)
      if (rest === undefined) isBroken = true
      else if (rest.length > 0) areas.push(rest)
      offset = next
    } else return { ...cutStructure(areas), isBroken }
  }
  return { ...cutStructure(areas), isBroken }
}

/** Bytes after a picture's codes; `undefined` where the codes do not give exactly all of its pixels. */
function behindPixels(data: Buffer, pixelBits: number, pixels: number): Buffer | undefined {
  if (pixelBits < 1 || pixelBits > 8) return undefined
  const { state, unpackedBytes, usedBytes } = walkLzw(data, { pixelBits, first: "least", isEarly: false }, pixels)
  // Some writers omit the end code.
  return state === "impossible" || unpackedBytes !== pixels ? undefined : data.subarray(usedBytes)
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

function subBlocks(file: Buffer, start: number): { readonly data: Buffer; readonly next: number } {
  const parts: Buffer[] = []
  let offset = start
  for (let size = file[offset]; size !== undefined && size !== 0; size = file[offset]) {
    parts.push(file.subarray(offset + 1, offset + 1 + size))
    offset += 1 + size
  }
  return { data: Buffer.concat(parts), next: offset + 1 }
}
