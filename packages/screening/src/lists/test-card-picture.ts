/**
 * The test cards' pictures: smooth discs, rings and gradients, painted by integer arithmetic so that every machine gets
 * the same bytes.
 * @module
 */

/** Side of a test card in pixels, chosen so that PDQ treats a turned or mirrored card alike (its windows are odd). */
export const CARD_SIDE = 320

const DISCS = 14
const RINGS = 4

/** A shape's centre, its size, and its greatest addition to red, green and blue. */
interface Shape {
  readonly x: number
  readonly y: number
  readonly radius: number
  readonly width: number
  readonly tint: readonly [number, number, number]
}

/**
 * Paints a picture from a seed.
 *
 * @returns 320 x 320 pixels of red, green and blue, row by row from the top.
 */
export function paintCard(seed: number): Uint8Array {
  const random = xorshift(seed)
  const slope = [random(-96, 96), random(-96, 96)] as const
  const discs = Array.from({ length: DISCS }, () => shape(random, 24, 84))
  const rings = Array.from({ length: RINGS }, () => shape(random, 48, 120))
  const pixels = new Uint8Array(CARD_SIDE * CARD_SIDE * 3)
  for (let y = 0, offset = 0; y < CARD_SIDE; y++) {
    for (let x = 0; x < CARD_SIDE; x++) {
      const sum: [number, number, number] = [128, 128, 128]
      add(sum, [1, 1, 1], (slope[0] * (x - 128) + slope[1] * (y - 128)) >> 8)
      for (const disc of discs) add(sum, disc.tint, discStrength(disc, x, y) >> 4)
      for (const ring of rings) add(sum, ring.tint, ringStrength(ring, x, y) >> 4)
      for (const value of sum) pixels[offset++] = Math.max(0, Math.min(255, value))
    }
  }
  return pixels
}

/** Numbers from a 32-bit xorshift generator (Marsaglia 2003), both ends included. */
function xorshift(seed: number): (low: number, high: number) => number {
  let state = seed | 0
  return (low, high) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return low + ((state >>> 0) % (high - low + 1))
  }
}

function shape(random: (low: number, high: number) => number, smallest: number, largest: number): Shape {
  return {
    x: random(0, CARD_SIDE - 1),
    y: random(0, CARD_SIDE - 1),
    radius: random(smallest, largest),
    width: random(12, 24),
    tint: [random(-10, 10), random(-10, 10), random(-10, 10)],
  }
}

/** 256 within a disc, falling to 0 over its rim. */
function discStrength({ x, y, radius, width }: Shape, atX: number, atY: number): number {
  const inside = radius * radius - (atX - x) * (atX - x) - (atY - y) * (atY - y)
  const rim = 2 * radius * width
  return inside >= rim ? 256 : inside <= 0 ? 0 : Math.trunc((inside * 256) / rim)
}

/** 256 on a ring's circle, falling to 0 at its width. */
function ringStrength({ x, y, radius, width }: Shape, atX: number, atY: number): number {
  const off = Math.abs(radius * radius - (atX - x) * (atX - x) - (atY - y) * (atY - y))
  const rim = 2 * radius * width
  return off >= rim ? 0 : 256 - Math.trunc((off * 256) / rim)
}

function add(sum: [number, number, number], tint: readonly [number, number, number], strength: number): void {
  sum[0] += tint[0] * strength
  sum[1] += tint[1] * strength
  sum[2] += tint[2] * strength
}
