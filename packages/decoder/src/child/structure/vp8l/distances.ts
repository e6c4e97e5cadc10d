/**
 * Distance codes of nearby pixels (RFC 9649, 3.6.2.2): rows up in the upper half of a byte, and 8 less the columns to
 * the left in the lower one.
 */
const NEAR = Buffer.from(
  "1807171928062729161a262a38053739151b363a252b48044749141c353b464a242c58454b343c035759131d565a232d444c555b333d68026769121e" +
    "666a222e545c434d656b323e78017779535d111f646c424e767a212f757b313f636d525e00747c414f1020626e30737d515f40727e616f50717f6070",
  "hex",
)

/** The distance in pixels of a distance code, for an image's width. */
export function distanceOf(number: number, width: number): number {
  const near = number <= NEAR.length ? NEAR[number - 1] : undefined
  if (near === undefined) return number - NEAR.length
  return Math.max(1, (near >> 4) * width + 8 - (near & 15))
}
