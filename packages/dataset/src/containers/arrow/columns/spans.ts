/**
 * Which values of a column a copy keeps.
 * @module
 */

/** Consecutive values: kept, or emptied, so that what follows keeps its position. */
export interface Span {
  readonly start: number
  readonly count: number
  readonly isBlank: boolean
}

/** Spans in order, each joined to the one before where they are consecutive. */
export class SpanList {
  readonly spans: Span[] = []
  /** Values in them. */
  length = 0

  push(start: number, count: number, isBlank: boolean): void {
    if (count === 0) return
    this.length += count
    const last = this.spans.at(-1)
    if (last !== undefined && last.isBlank === isBlank && last.start + last.count === start) {
      this.spans[this.spans.length - 1] = { ...last, count: last.count + count }
    } else {
      this.spans.push({ start, count, isBlank })
    }
  }
}

/** Number of values in spans. */
export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { count }) => sum + count, 0)
}

/** Every value of so many. */
export function allOf(length: number): readonly Span[] {
  return length === 0 ? [] : [{ start: 0, count: length, isBlank: false }]
}

/** Calls for each value. */
export function eachValue(spans: readonly Span[], call: (index: number, isBlank: boolean) => void): void {
  for (const { start, count, isBlank } of spans) {
    for (let index = start; index < start + count; index++) call(index, isBlank)
  }
}

/** Whether spans are every value of so many, emptied or not. */
export function isInPlace(spans: readonly Span[], length: number): boolean {
  let end = 0
  for (const { start, count } of spans) {
    if (start !== end) return false
    end += count
  }
  return end === length
}

/** Whether spans are every value of so many, and none is emptied. */
export function isWhole(spans: readonly Span[], length: number): boolean {
  const [only] = spans
  return spans.length === 1 && only?.start === 0 && only.count === length && !only.isBlank
}
