/**
 * Recognises arrays that may be pictures by their shape, and locates each picture's numbers.
 * @module
 */
import type { Tensor } from "./tensor.ts"

/** The pictures of an array: `count` pictures of one size, one after another. */
export interface PictureLayout {
  readonly count: number
  readonly width: number
  readonly height: number
  /** Numbers of a pixel that are used: 1, 3, or 4 where the fourth is alpha. */
  readonly channels: 1 | 3 | 4
  /**
   * Whether the array has a typical shape and number type of pictures: any part that is not inspected makes the item
   * inconclusive. Other arrays are inspected as far as the limits allow.
   */
  readonly isPicture: boolean
  /** Position of a number in the array, in elements. */
  place(picture: number, row: number, column: number, channel: number): number
}

/** A smaller picture shows nothing. */
const LEAST_SIDE = 16
/** Greatest aspect ratio of a picture. */
const MAX_ASPECT = 32
/** An array with a smaller aspect ratio is inspected, because a table of numbers is rarely that square. */
const MAX_TABLE_ASPECT = 8
const MAX_CHANNELS = 15
const PICTURE_CHANNELS: readonly number[] = [1, 2, 3, 4]

/** The pictures of an array, or `undefined` where its shape cannot be a picture's. */
export function pictureLayout({ shape, element, isFortran }: Tensor): PictureLayout | undefined {
  if (element.kind === "x" || shape.length < 2) return undefined
  const rank = shape.length
  const side = (fromEnd: number) => shape[rank - fromEnd] ?? 0
  const axes =
    rank >= 3 && side(1) <= MAX_CHANNELS && isFrame(side(3), side(2))
      ? { row: rank - 3, column: rank - 2, channel: rank - 1 }
      : rank >= 3 && PICTURE_CHANNELS.includes(side(3)) && isFrame(side(2), side(1))
        ? { row: rank - 2, column: rank - 1, channel: rank - 3 }
        : isFrame(side(2), side(1))
          ? { row: rank - 2, column: rank - 1, channel: undefined }
          : undefined
  if (axes === undefined) return undefined
  const of = (axis: number | undefined) => (axis === undefined ? 1 : (shape[axis] ?? 1))
  const [height, width, depth] = [of(axes.row), of(axes.column), of(axes.channel)]
  const count = shape.reduce((all, length) => all * length, 1) / (height * width * depth || 1)
  if (height * width * depth * count === 0) return undefined
  const isByte = element.kind === "u" && element.bytes === 1
  const hasChannels = axes.channel !== undefined && PICTURE_CHANNELS.includes(depth)
  const isNarrow = element.kind !== "f" && element.kind !== "h" && element.bytes <= 2
  const isPicture = hasChannels || isNarrow
  if (!isPicture && Math.max(width, height) > MAX_TABLE_ASPECT * Math.min(width, height)) return undefined
  const strides = stridesOf(shape, isFortran)
  const outer = shape
    .map((_, axis) => axis)
    .filter((axis) => axis !== axes.row && axis !== axes.column && axis !== axes.channel)
  return {
    count,
    width,
    height,
    channels: depth === 4 && isByte ? 4 : depth >= 3 ? 3 : 1,
    isPicture,
    place(picture, row, column, channel) {
      let place = row * (strides[axes.row] ?? 0) + column * (strides[axes.column] ?? 0)
      if (axes.channel !== undefined) place += channel * (strides[axes.channel] ?? 0)
      let rest = picture
      for (const axis of outer.toReversed()) {
        const length = shape[axis] ?? 1
        place += (rest % length) * (strides[axis] ?? 0)
        rest = Math.floor(rest / length)
      }
      return place
    },
  }
}

function isFrame(height: number, width: number): boolean {
  const [short, long] = height < width ? [height, width] : [width, height]
  return short >= LEAST_SIDE && long <= short * MAX_ASPECT
}

function stridesOf(shape: readonly number[], isFortran: boolean): readonly number[] {
  const strides = shape.map(() => 1)
  let stride = 1
  const axes = shape.map((_, axis) => axis)
  for (const axis of isFortran ? axes : axes.toReversed()) {
    strides[axis] = stride
    stride *= shape[axis] ?? 1
  }
  return strides
}
