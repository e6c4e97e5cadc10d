/** Symmetric or periodic pictures: many of their terms are equal in theory and differ only by rounding. */

import type { TestPicture } from "@nightlight/dev-env/pdq/pictures"
import fc from "fast-check"

/** Grey level of a pattern, 0 to 255, at a pixel; `u` and `v` are the distances from the middle, -1 to 1. */
type Shade = (point: { readonly x: number; readonly y: number; readonly u: number; readonly v: number }) => number

/** Options of a pattern: cells of `period` pixels, or shapes of `part` of the picture, in two levels. */
export interface PatternOptions {
  readonly period: number
  readonly part: number
  readonly dark: number
  readonly light: number
}

/** The patterns by name. */
export const PATTERNS: Readonly<Record<string, (options: PatternOptions) => Shade>> = {
  checker: ({ period, dark, light }) => {
    return ({ x, y }) => ((Math.floor(x / period) + Math.floor(y / period)) % 2 === 1 ? light : dark)
  },
  "checker of equal parts": ({ period, dark, light }) => {
    const cell = (offset: number) => Math.floor(((offset + 1) * period) / 2.001)
    return ({ u, v }) => ((cell(u) + cell(v)) % 2 === 1 ? light : dark)
  },
  columns: ({ period, dark, light }) => {
    return ({ x }) => (Math.floor(x / period) % 2 === 1 ? light : dark)
  },
  rows: ({ period, dark, light }) => {
    return ({ y }) => (Math.floor(y / period) % 2 === 1 ? light : dark)
  },
  "rows of three levels": ({ period, dark, light }) => {
    return ({ y }) => [dark, light, (dark + 2 * light) >> 2][Math.floor(y / period) % 3] ?? dark
  },
  diagonals: ({ period, dark, light }) => {
    return ({ x, y }) => ((x + y) % period < period / 2 ? light : dark)
  },
  "mirrored box": ({ part, dark, light }) => {
    return ({ u, v }) => (Math.abs(u) < part && Math.abs(v) < 1 - part ? light : dark)
  },
  cross: ({ part, dark, light }) => {
    return ({ u, v }) => (Math.abs(u) < part / 2 || Math.abs(v) < part / 2 ? light : dark)
  },
  "left half": ({ dark, light }) => {
    return ({ u }) => (u < 0 ? light : dark)
  },
  quarter: ({ dark, light }) => {
    return ({ u, v }) => (u < 0 && v < 0 ? light : dark)
  },
  disc: ({ part, dark, light }) => {
    return ({ u, v }) => (u * u + v * v < part ? light : dark)
  },
  rings: ({ period, dark, light }) => {
    return ({ u, v }) => (Math.floor((u * u + v * v) * period) % 2 === 1 ? light : dark)
  },
  diamonds: ({ period, dark, light }) => {
    return ({ u, v }) => (Math.floor((Math.abs(u) + Math.abs(v)) * period) % 2 === 1 ? light : dark)
  },
  "eightfold symmetry": ({ period, part }) => {
    return ({ u, v }) => {
      const [near, far] = [Math.min(Math.abs(u), Math.abs(v)), Math.max(Math.abs(u), Math.abs(v))]
      return Math.floor(far * far * 31 * period + near * part * 255) & 255
    }
  },
  gradient: ({ part }) => {
    return ({ u, v }) => Math.floor(((u + 1) * part + (v + 1) * (1 - part)) * 127.5)
  },
  tiles: ({ period, dark, light }) => {
    return ({ x, y }) => ((x % period) * dark + (y % (period + 2)) * light) & 255
  },
  dots: ({ period, dark, light }) => {
    return ({ x, y }) => (x % period < period / 3 && y % period < period / 3 ? light : dark)
  },
  "window with lines of text": ({ period, dark, light }) => {
    return ({ x, y, v }) => {
      if (v < -0.9) return dark
      return y % (2 * period) < period && (x * 7 + Math.floor(y / period) * 13) % (period + 5) < 3 ? dark : light
    }
  },
}

/** Draws a pattern; each colour is a different multiple of the grey level. */
export function patternPicture(name: string, shape: Omit<TestPicture, "pixels">, options: PatternOptions): TestPicture {
  const { width, height, channels } = shape
  const shade = PATTERNS[name]?.(options)
  if (shade === undefined) throw new RangeError(`no pattern ${name}`)
  const pixels = new Uint8Array(width * height * channels)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const grey = shade({ x, y, u: (2 * x - width + 1) / width, v: (2 * y - height + 1) / height })
      const offset = (y * width + x) * channels
      for (let channel = 0; channel < channels; channel++) pixels[offset + channel] = grey * (1 + 2 * channel)
    }
  }
  return { pixels, ...shape }
}

/** Patterns of every kind with sides of 64 to `maxSide` pixels; square and odd ones are as frequent as others. */
export function patternPictures(maxSide: number): fc.Arbitrary<TestPicture> {
  const side = fc.oneof(fc.integer({ min: 64, max: maxSide }), fc.constantFrom(64, 127, 128, 129, 200, 255, 256, 257))
  const options = fc.record({
    period: fc.integer({ min: 1, max: 40 }),
    part: fc.double({ min: 0.05, max: 0.95, noNaN: true }),
    dark: fc.integer({ min: 0, max: 255 }),
    light: fc.integer({ min: 0, max: 255 }),
  })
  return fc
    .record({
      name: fc.constantFrom(...Object.keys(PATTERNS)),
      width: side,
      height: fc.option(side, { nil: undefined }),
      channels: fc.constantFrom(1 as const, 3 as const, 4 as const),
      options,
    })
    .map(({ name, width, height = width, channels, options: drawn }) =>
      patternPicture(name, { width, height, channels }, drawn),
    )
}
