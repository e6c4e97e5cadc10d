/**
 * Writes bitmaps and icons, which sharp cannot write.
 * @module
 */

/** RGBA pixels, rows from the top. */
export interface Rgba {
  readonly data: Uint8Array
  readonly width: number
  readonly height: number
}

/** The form of a bitmap. */
export interface BitmapForm {
  /** Bytes of the header: 12, 40, 52, 56, 64, 108 or 124. */
  readonly header?: number
  /** Bits per pixel; palettes are grey. */
  readonly bits: number
  readonly isTopDown?: boolean
  readonly compression?: number
  /** Red, green, blue, alpha: for compressions 3 and 6. */
  readonly masks?: readonly number[]
  /** Factor by which the header's height exceeds the actual one. */
  readonly heightTimes?: number
}

/** A bitmap without its file header. */
export function dib(picture: Rgba, form: BitmapForm): { readonly head: Buffer; readonly pixels: Buffer } {
  const { header = 40, bits, isTopDown = false, compression = 0, masks = [], heightTimes = 1 } = form
  const head = Buffer.alloc(header)
  const height = picture.height * heightTimes * (isTopDown ? -1 : 1)
  head.writeUInt32LE(header, 0)
  if (header === 12) {
    for (const [k, value] of [picture.width, height, 1, bits].entries()) head.writeUInt16LE(value, 4 + 2 * k)
  } else {
    head.writeInt32LE(picture.width, 4)
    head.writeInt32LE(height, 8)
    head.writeUInt16LE(1, 12)
    head.writeUInt16LE(bits, 14)
    head.writeUInt32LE(compression, 16)
  }
  const behind = Buffer.alloc(header === 40 ? 4 * masks.length : 0)
  for (const [k, mask] of masks.entries()) {
    if (header === 40) behind.writeUInt32LE(mask, 4 * k)
    else head.writeUInt32LE(mask, 40 + 4 * k)
  }
  const palette = Buffer.alloc(bits <= 8 ? (header === 12 ? 3 : 4) * 2 ** bits : 0)
  for (let k = 0; bits <= 8 && k < 2 ** bits; k++) {
    const size = header === 12 ? 3 : 4
    palette.fill(Math.round((k * 255) / (2 ** bits - 1)), k * size, k * size + 3)
  }
  const isRuns = compression === 1 || compression === 2
  const rows = Array.from({ length: picture.height }, (_, y) => rowOf(picture, y, { ...form, isRuns }))
  if (!isTopDown) rows.reverse()
  const end = isRuns ? [Buffer.from([0, 1])] : []
  return { head: Buffer.concat([head, behind, palette]), pixels: Buffer.concat([...rows, ...end]) }
}

/** A bitmap's file. */
export function bitmap(picture: Rgba, form: BitmapForm): Buffer {
  const { head, pixels } = dib(picture, form)
  const file = Buffer.alloc(14)
  file.write("BM", "latin1")
  file.writeUInt32LE(14 + head.length + pixels.length, 2)
  file.writeUInt32LE(14 + head.length, 10)
  return Buffer.concat([file, head, pixels])
}

/** An entry of an icon: colours, and a mask that is set where alpha is below one half. */
export function iconBitmap(picture: Rgba, form: BitmapForm): Buffer {
  const { head, pixels } = dib(picture, { ...form, heightTimes: 2 })
  const rowBytes = Math.ceil(picture.width / 32) * 4
  const mask = Buffer.alloc(rowBytes * picture.height)
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      const isClear = (picture.data[4 * (y * picture.width + x) + 3] ?? 0) < 128
      const offset = (picture.height - 1 - y) * rowBytes + (x >> 3)
      if (isClear) mask[offset] = (mask[offset] ?? 0) | (128 >> (x & 7))
    }
  }
  return Buffer.concat([head, pixels, mask])
}

/** An icon or a cursor with these entries. */
export function icon(entries: readonly Buffer[], kind = 1): Buffer {
  const directory = Buffer.alloc(6 + 16 * entries.length)
  directory.set([0, 0, kind, 0, entries.length])
  let offset = directory.length
  for (const [k, entry] of entries.entries()) {
    directory.writeUInt32LE(entry.length, 6 + 16 * k + 8)
    directory.writeUInt32LE(offset, 6 + 16 * k + 12)
    offset += entry.length
  }
  return Buffer.concat([directory, ...entries])
}

function rowOf(picture: Rgba, y: number, { bits, masks, isRuns }: BitmapForm & { readonly isRuns: boolean }): Buffer {
  const { width, data } = picture
  const pixel = (x: number) => data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)
  const row = Buffer.alloc(Math.ceil((width * bits) / 32) * 4)
  const indexes: number[] = []
  for (let x = 0; x < width; x++) {
    const [red = 0, green = 0, blue = 0, alpha = 0] = pixel(x)
    if (bits <= 8) {
      const index = Math.round((green * (2 ** bits - 1)) / 255)
      indexes.push(index)
      const offset = (x * bits) >> 3
      row[offset] = (row[offset] ?? 0) | (index << (8 - bits - ((x * bits) & 7)))
    } else if (masks !== undefined || bits === 16) {
      const [value] = [red, green, blue, alpha].reduce(
        ([sum], tone, k) => [sum + inMask(tone, (masks ?? [0x7c00, 0x3e0, 0x1f])[k] ?? 0)],
        [0],
      )
      row.writeUIntLE(value ?? 0, (x * bits) / 8, bits / 8)
    } else row.set(bits === 24 ? [blue, green, red] : [blue, green, red, alpha], (x * bits) / 8)
  }
  return isRuns ? runsOf(indexes, bits) : row
}

function inMask(tone: number, mask: number): number {
  if (mask === 0) return 0
  const shift = 31 - Math.clz32(mask & -mask)
  return Math.round((tone * (mask >>> shift)) / 255) * 2 ** shift
}

/** Writes plain pixels while three or more of a row are left, then single-pixel runs; ends each row with a mark. */
function runsOf(indexes: readonly number[], bits: number): Buffer {
  const out: number[] = []
  for (let x = 0; x < indexes.length; ) {
    const some = indexes.slice(x, x + 100)
    if (some.length < 3 || new Set(some).size === 1) {
      for (const index of some) out.push(1, bits === 8 ? index : index * 16)
    } else {
      const bytes = bits === 8 ? some : pairs(some)
      out.push(0, some.length, ...bytes, ...(bytes.length % 2 === 1 ? [0] : []))
    }
    x += some.length
  }
  return Buffer.from([...out, 0, 0])
}

function pairs(indexes: readonly number[]): number[] {
  return Array.from({ length: Math.ceil(indexes.length / 2) }, (_, k) => {
    const [first = 0, second = 0] = indexes.slice(2 * k)
    return first * 16 + second
  })
}
