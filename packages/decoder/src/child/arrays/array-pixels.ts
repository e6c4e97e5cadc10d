/**
 * Converts pictures in arrays to pixels that can be hashed.
 * @module
 */
import type { Pixels } from "../pixels.ts"
import { releaseMemory } from "../pixels.ts"
import type { PictureLayout } from "./layout.ts"
import type { Tensor } from "./tensor.ts"

/**
 * Extracts one picture of an array. Bytes are used unchanged; other numbers are scaled so that the smallest becomes
 * black and the largest white, so that 0 to 1, -1 to 1 and sixteen bits give the same picture.
 */
export function pixelsOf(file: Uint8Array, tensor: Tensor, layout: PictureLayout, picture: number): Pixels {
  const { width, height } = layout
  const channels = layout.channels === 4 ? 4 : 3
  const data = new Uint8Array(width * height * channels)
  const numbers = readerOf(file, tensor)
  const isByte = tensor.element.kind === "u" && tensor.element.bytes === 1
  const corner = layout.place(picture, 0, 0, 0)
  const rowStride = layout.place(picture, 1, 0, 0) - corner
  const columnStride = layout.place(picture, 0, 1, 0) - corner
  const channelStride = layout.place(picture, 0, 0, 1) - corner
  const each = (take: (value: number, offset: number) => void) => {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        const pixel = corner + row * rowStride + column * columnStride
        const offset = (row * width + column) * channels
        for (let channel = 0; channel < layout.channels; channel++) {
          take(numbers(pixel + channel * channelStride), offset + channel)
        }
      }
    }
  }
  if (isByte) each((value, index) => (data[index] = value))
  else {
    let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    each((value) => {
      if (!Number.isFinite(value)) return
      if (value < least) least = value
      if (value > most) most = value
    })
    const scale = most > least ? 255 / (most - least) : 0
    each((value, index) => (data[index] = Number.isFinite(value) ? (value - least) * scale + 0.5 : 0))
  }
  if (layout.channels === 1) {
    for (let offset = 0; offset < data.length; offset += 3) {
      data[offset + 1] = data[offset] ?? 0
      data[offset + 2] = data[offset] ?? 0
    }
  }
  return { data, width, height, channels, release: () => releaseMemory(data) }
}

/** Makes a reader of elements by position. */
function readerOf(file: Uint8Array, { element, start }: Tensor): (place: number) => number {
  const view = new DataView(file.buffer, file.byteOffset + start, file.length - start)
  const isLittle = !element.isBigEndian
  const { kind, bytes } = element
  if (bytes === 1) return kind === "i" ? (place) => view.getInt8(place) : (place) => view.getUint8(place)
  if (kind === "h") return (place) => bfloat(view.getUint16(place * 2, isLittle))
  if (kind === "f") {
    if (bytes === 2) return (place) => half(view.getUint16(place * 2, isLittle))
    return bytes === 4
      ? (place) => view.getFloat32(place * 4, isLittle)
      : (place) => view.getFloat64(place * 8, isLittle)
  }
  const isSigned = kind === "i"
  if (bytes === 2) {
    return isSigned ? (place) => view.getInt16(place * 2, isLittle) : (place) => view.getUint16(place * 2, isLittle)
  }
  if (bytes === 4) {
    return isSigned ? (place) => view.getInt32(place * 4, isLittle) : (place) => view.getUint32(place * 4, isLittle)
  }
  return isSigned
    ? (place) => Number(view.getBigInt64(place * 8, isLittle))
    : (place) => Number(view.getBigUint64(place * 8, isLittle))
}

/** IEEE 754 binary16. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >>> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

const word = new DataView(new ArrayBuffer(4))

function bfloat(bits: number): number {
  word.setUint32(0, bits * 65_536)
  return word.getFloat32(0)
}
