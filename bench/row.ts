import { compact } from "@nightlight/core"
/** One line of the budgets' table. */
export interface BenchRow {
  /** The measured thing, with its size: `exact kernel, 512x512 RGB`. */
  readonly what: string
  /** The figures with their units, for people: `0.42 ms against 6.3 ms`. */
  readonly measured: string
  /** How many times better than what it is measured against, in the same run; absent where there is only a limit. */
  readonly ratio?: number | undefined
  /** The least ratio, or with no ratio the limit itself, as the budgets state it: `14`, `"<= 130 bytes a hash"`. */
  readonly atLeast: number | string
  /** Whether the budget is met. */
  readonly ok: boolean
  /** Facts that a reader needs to compare: threads, warm or cold, what is left out. */
  readonly note?: string
}

/** A bench: every exported function of a `*.bench.ts` file. Cleans up what it makes. */
export type Bench = () => Promise<readonly BenchRow[]>

/**
 * Makes a row of a ratio to something measured side by side.
 *
 * @param subject - Of the thing measured and of what it is measured against, in the same unit; smaller is better.
 * @param atLeast - The budget.
 */
export function ratioRow(
  what: string,
  subject: { readonly measured: number; readonly against: number; readonly unit: string },
  atLeast: number,
  note?: string,
): BenchRow {
  const ratio = subject.against / subject.measured
  const figure = (value: number) => `${value >= 100 ? value.toFixed(0) : value.toPrecision(3)} ${subject.unit}`
  return compact({
    what,
    measured: `${figure(subject.measured)} against ${figure(subject.against)}`,
    ratio,
    atLeast,
    ok: ratio >= atLeast,
    note,
  })
}

/** The middle of a list of figures. @throws {RangeError} when there is none. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b)
  const middle = sorted[sorted.length >> 1]
  if (middle === undefined) throw new RangeError("expected at least one figure, got none")
  return middle
}
