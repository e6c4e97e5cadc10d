import { describe, expect, it } from "vitest"
import { blur, type Pixels, toGrey } from "../src/viewing/soften.ts"

const SIDE = 16

function picture(colourAt: (x: number, y: number) => readonly [number, number, number]): Pixels {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4)
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) data.set([...colourAt(x, y), 255], (y * SIDE + x) * 4)
  }
  return { width: SIDE, height: SIDE, data }
}

const spread = ({ data }: Pixels) => {
  const reds = data.filter((_, index) => index % 4 === 0)
  return Math.max(...reds) - Math.min(...reds)
}

/** The largest difference between neighbouring pixels of the middle row. */
function steepest({ data }: Pixels): number {
  const redOf = (x: number) => data[((SIDE / 2) * SIDE + x) * 4] ?? 0
  return Math.max(...Array.from({ length: SIDE - 1 }, (_, x) => Math.abs(redOf(x + 1) - redOf(x))))
}

describe("a stricter rendition", () => {
  it("has no colour if the settings say grey", () => {
    const pixels = picture((x, y) => [x * 16, y * 16, 255 - x * 16])
    toGrey(pixels)
    for (let offset = 0; offset < pixels.data.length; offset += 4) {
      const [red, green, blue, opacity] = pixels.data.subarray(offset, offset + 4)
      expect([green, blue, opacity]).toEqual([red, red, 255])
    }
  })

  it("has weaker edges the more it is blurred", () => {
    const [none = 0, some = 0, much = 0] = [0, 1, 3].map((sigma) => {
      const pixels = picture((x) => (x < SIDE / 2 ? [0, 0, 0] : [255, 255, 255]))
      blur(pixels, sigma)
      return steepest(pixels)
    })
    expect(none).toBe(255)
    expect(some).toBeLessThan(128)
    expect(much).toBeLessThan(some)
  })

  it("leaves a uniform picture unchanged, up to its edges", () => {
    const pixels = picture(() => [120, 60, 200])
    blur(pixels, 5)
    expect([...pixels.data.subarray(0, 4)]).toEqual([120, 60, 200, 255])
    expect(spread(pixels)).toBe(0)
  })
})
