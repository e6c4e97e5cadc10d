import { readItems } from "./avif-items.ts"
import { boxesOf } from "./iso-boxes.ts"
import type { Structure } from "./structure.ts"

/** Walks an AVIF's boxes and the items in them. */
export function avifStructure(file: Buffer): Structure {
  const areas: Buffer[] = []
  const coded: Buffer[] = []
  let end = 0
  let isUnread = false
  for (const box of boxesOf(file)) {
    end = box.end
    if (box.name === "mdat") coded.push(box.data)
    else areas.push(box.data)
    if (box.name !== "meta") continue
    const items = readItems(file, box.data)
    areas.push(...items.metadata)
    isUnread ||= items.hasUnread
  }
  return {
    end: end > file.length ? undefined : end,
    isBroken: false,
    cause: isUnread ? "media_unsupported" : undefined,
    areas,
    coded,
  }
}
