import { badPattern } from "../errors.ts"

/** Code units, as ascending ranges with inclusive ends. */
export type Ranges = readonly (readonly [number, number])[]

/** A pattern over normalised text. */
export type Node =
  | { readonly kind: "set"; readonly ranges: Ranges }
  | { readonly kind: "all"; readonly nodes: readonly Node[] }
  | { readonly kind: "any"; readonly nodes: readonly Node[] }
  | { readonly kind: "repeat"; readonly node: Node; readonly min: number; readonly max: number }

/** Most positions of one expanded pattern. */
export const MAX_SIZE = 5_000
/** Longest match, code units. */
export const MAX_LENGTH = 1_000

/** The size of an expanded pattern, computed without expanding it. */
export interface Extent {
  readonly size: number
  readonly shortest: number
  readonly longest: number
}

/** Measures a pattern. @throws {PatternError} `too_large`. */
export function measure(node: Node): Extent {
  const extent = extentOf(node)
  if (extent.size > MAX_SIZE || extent.longest > MAX_LENGTH) throw badPattern("too_large")
  return extent
}

function extentOf(node: Node): Extent {
  switch (node.kind) {
    case "set":
      return { size: 1, shortest: 1, longest: 1 }
    case "all":
      return node.nodes.map(measure).reduce(
        (sum, part) => ({
          size: sum.size + part.size,
          shortest: sum.shortest + part.shortest,
          longest: sum.longest + part.longest,
        }),
        { size: 0, shortest: 0, longest: 0 },
      )
    case "any": {
      const parts = node.nodes.map(measure)
      return {
        size: parts.reduce((sum, { size }) => sum + size + 1, 0),
        shortest: Math.min(...parts.map(({ shortest }) => shortest)),
        longest: Math.max(...parts.map(({ longest }) => longest)),
      }
    }
    case "repeat": {
      const part = measure(node.node)
      return {
        size: (part.size + 1) * node.max,
        shortest: part.shortest * node.min,
        longest: part.longest * node.max,
      }
    }
    default:
      return node satisfies never
  }
}
