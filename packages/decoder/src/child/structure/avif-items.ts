import { boxesOf } from "./iso-boxes.ts"

/** Items of an AVIF (ISO/IEC 14496-12, 8.11; ISO/IEC 23008-12). */
export interface AvifItems {
  /** Content of the items that are not pictures: EXIF, XMP and others. */
  readonly metadata: readonly Buffer[]
  /**
   * Whether there is a picture that the decoder does not show (a thumbnail or a hidden picture), or too much to read.
   */
  readonly hasUnread: boolean
}

const PICTURES = new Set(["av01", "hvc1", "grid", "iovl", "iden", "jpeg", "avc1", "j2k1", "vvc1", "tmap"])

/** Reads the items in a `meta` box. */
export function readItems(file: Buffer, meta: Buffer): AvifItems {
  const boxes = new Map([...boxesOf(meta.subarray(4))].map(({ name, data }) => [name, data]))
  const items = readInfo(boxes.get("iinf"))
  const { thumbnails, parts } = readReferences(boxes.get("iref"))
  const { places, isTooMuch } = readPlaces(boxes.get("iloc"), boxes.get("idat") ?? Buffer.alloc(0), file)
  const isHidden = ({ id, type, hidden }: Item) => PICTURES.has(type) && hidden && !parts.has(id)
  return {
    metadata: items.flatMap(({ id, type }) => (PICTURES.has(type) ? [] : (places.get(id) ?? []))),
    hasUnread: isTooMuch || thumbnails || items.some(isHidden),
  }
}

interface Item {
  readonly id: number
  readonly type: string
  readonly hidden: boolean
}

function readInfo(iinf: Buffer | undefined): Item[] {
  if (iinf === undefined || iinf.length < 8) return []
  return [...boxesOf(iinf.subarray(iinf[0] === 0 ? 6 : 8))].flatMap(({ name, data }) => {
    const version = data[0] ?? 0
    if (name !== "infe" || version < 2 || data.length < 14) return []
    const idBytes = version === 2 ? 2 : 4
    const type = data.toString("latin1", 6 + idBytes, 10 + idBytes)
    return [{ id: data.readUIntBE(4, idBytes), type, hidden: ((data[3] ?? 0) & 1) !== 0 }]
  })
}

/** Reads which items belong to another: tiles, alpha, thumbnails. */
function readReferences(iref: Buffer | undefined): { readonly thumbnails: boolean; readonly parts: Set<number> } {
  const parts = new Set<number>()
  let thumbnails = false
  if (iref === undefined || iref.length < 4) return { thumbnails, parts }
  const idBytes = iref[0] === 0 ? 2 : 4
  for (const { name, data } of boxesOf(iref.subarray(4))) {
    if (data.length < idBytes + 2) continue
    if (name === "thmb") thumbnails = true
    if (name === "auxl") parts.add(data.readUIntBE(0, idBytes))
    if (name !== "dimg") continue
    for (let offset = idBytes + 2; offset + idBytes <= data.length; offset += idBytes)
      parts.add(data.readUIntBE(offset, idBytes))
  }
  return { thumbnails, parts }
}

interface Places {
  readonly places: ReadonlyMap<number, readonly Buffer[]>
  readonly isTooMuch: boolean
}

/** Positions of each item's bytes (8.11.3), in total at most the file's size. */
function readPlaces(iloc: Buffer | undefined, idat: Buffer, file: Buffer): Places {
  const places = new Map<number, Buffer[]>()
  if (iloc === undefined || iloc.length < 8) return { places, isTooMuch: false }
  const next = readerOf(iloc, 4)
  let leftBytes = file.length
  try {
    const version = iloc[0] ?? 0
    const sizes = next(2)
    const [offsetBytes, lengthBytes, baseBytes] = [sizes >>> 12, (sizes >>> 8) & 15, (sizes >>> 4) & 15]
    const indexBytes = version === 0 ? 0 : sizes & 15
    const count = next(version < 2 ? 2 : 4)
    for (let i = 0; i < count; i++) {
      const id = next(version < 2 ? 2 : 4)
      const method = version === 0 ? 0 : next(2) & 15
      next(2)
      const base = next(baseBytes)
      const extents = next(2)
      const parts: Buffer[] = []
      for (let extent = 0; extent < extents; extent++) {
        next(indexBytes)
        const start = base + next(offsetBytes)
        const length = next(lengthBytes)
        const part = (method === 1 ? idat : file).subarray(start, length === 0 ? undefined : start + length)
        leftBytes -= part.length
        if (leftBytes < 0) return { places, isTooMuch: true }
        parts.push(part)
      }
      places.set(id, [Buffer.concat(parts)])
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return { places, isTooMuch: false }
}

/** Makes a reader of consecutive numbers of given sizes. */
function readerOf(bytes: Buffer, start: number): (sizeBytes: number) => number {
  let offset = start
  return (sizeBytes) => {
    if (sizeBytes === 0) return 0
    offset += sizeBytes
    const from = offset - sizeBytes
    return sizeBytes > 6 ? Number(bytes.readBigUInt64BE(from)) : bytes.readUIntBE(from, sizeBytes)
  }
}
