import { walkLzw } from "./lzw.ts"
import { cutStructure, type Structure } from "./structure.ts"

/** Follows a GIF's blocks (GIF89a, 17 to 27) and the codes of its pictures. */
export function gifStructure(file: Buffer): Structure {
  const areas: Buffer[] = []
  let isBroken = false
  let at = 13 + colourTableBytes(file[10] ?? 0)
  while (at < file.length) {
    const block = file[at]
    if (block === 0x3b) return { end: at + 1, isBroken, areas, coded: [] }
    if (block === 0x21) {
      const { data, next } = subBlocks(file, at + 2)
      areas.push(data)
      at = next
    } else if (block === 0x2c && at + 11 <= file.length) {
      const pixels = file.readUInt16LE(at + 5) * file.readUInt16LE(at + 7)
      const start = at + 10 + colourTableBytes(file[at + 9] ?? 0)
      const { data, next } = subBlocks(file, start + 1)
      const rest = behindPixels(data, file[start] ?? 0, pixels)
      if (rest === undefined) isBroken = true
      else if (rest.length > 0) areas.push(rest)
      at = next
    } else return { ...cutStructure(areas), isBroken }
  }
  return { ...cutStructure(areas), isBroken }
}

/** What stands behind a picture's codes; `undefined` where they do not give all of its pixels and no more. */
function behindPixels(data: Buffer, pixelBits: number, pixels: number): Buffer | undefined {
  if (pixelBits < 1 || pixelBits > 8) return undefined
  const { state, unpackedBytes, usedBytes } = walkLzw(data, { pixelBits, first: "least", isEarly: false }, pixels)
  // Some writers leave the end code out.
  return state === "impossible" || unpackedBytes !== pixels ? undefined : data.subarray(usedBytes)
}

function colourTableBytes(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

function subBlocks(file: Buffer, start: number): { readonly data: Buffer; readonly next: number } {
  const parts: Buffer[] = []
  let at = start
  for (let size = file[at]; size !== undefined && size !== 0; size = file[at]) {
    parts.push(file.subarray(at + 1, at + 1 + size))
    at += 1 + size
  }
  return { data: Buffer.concat(parts), next: at + 1 }
}
