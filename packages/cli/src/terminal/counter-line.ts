import type { Io } from "./io.ts"
import { formatCount } from "./numbers.ts"

/** A count that moves on one line of a terminal. */
export interface CounterLine {
  /** `total`: the final count, where known. */
  readonly update: (count: number, total?: number) => void
  close(): void
}

/** Milliseconds between two updates of the line. */
const REDRAW_MS = 200

/** Runs work that counts, with a counting line that is closed when it ends; see {@link openCounter}. */
export async function withCounter<Result>(
  io: Io,
  isQuiet: boolean,
  noun: string,
  work: (update: CounterLine["update"]) => Promise<Result>,
): Promise<Result> {
  const line = openCounter(io, isQuiet, noun)
  try {
    return await work(line.update)
  } finally {
    line.close()
  }
}

/** Opens a counting line on standard error; off a terminal, or when quiet, nothing is shown. */
export function openCounter(io: Io, isQuiet: boolean, noun: string): CounterLine {
  if (isQuiet || !io.isTty) return { update: () => {}, close: () => {} }
  let drawnAt = 0
  let isShown = false
  return {
    update: (count, total) => {
      const now = performance.now()
      if (now - drawnAt < REDRAW_MS) return
      drawnAt = now
      isShown = true
      const of = total === undefined ? "" : ` of ${formatCount(Math.max(count, total))}`
      io.err(`\r${formatCount(count)}${of} ${noun}`)
    },
    close: () => {
      if (isShown) io.err("\r\u001b[K")
    },
  }
}
