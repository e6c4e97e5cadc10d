import { readIconBitmap } from "../bmp/icon-bitmap.ts"
import { type IconEntry, readIcon } from "../bmp/icon-file.ts"
import { pngStructure } from "./png.ts"
import type { Structure } from "./structure.ts"

/** Walks an icon's directory and entries; the gaps between them are areas. */
export function iconStructure(file: Buffer): Structure {
  const { entries, refused, directoryEnd } = readIcon(file)
  const areas: Buffer[] = []
  const coded: Buffer[] = []
  let isBroken = refused > 0
  let cause: Structure["cause"]
  let end = Math.min(directoryEnd, file.length)
  for (const entry of entries) {
    const found = entryStructure(entry)
    areas.push(file.subarray(end, entry.offset), ...found.areas)
    coded.push(...found.coded)
    isBroken ||= found.isBroken || found.end === undefined
    cause ??= found.cause
    end = entry.offset + entry.bytes.length
  }
  return { end, isBroken, cause, areas: areas.filter(({ length }) => length > 0), coded }
}

function entryStructure({ bytes, isPng }: IconEntry): Structure {
  if (isPng) {
    const png = pngStructure(bytes)
    return { ...png, areas: [...png.areas, bytes.subarray(png.end ?? bytes.length)] }
  }
  const bitmap = readIconBitmap(bytes)
  if (typeof bitmap === "string") return { end: bytes.length, isBroken: bitmap === "broken", areas: [bytes], coded: [] }
  const { dib, isCut, rest, colours, mask } = bitmap
  const areas = [bytes.subarray(dib.headerBytes, dib.end), rest]
  return { end: isCut ? undefined : bytes.length, isBroken: false, areas, coded: [colours, mask] }
}
