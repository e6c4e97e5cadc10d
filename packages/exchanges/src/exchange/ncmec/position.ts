/**
 * Where reading NCMEC's entries stands, and how large a span of time is asked for at once.
 * @module
 */
import { compact, parseStrictJson } from "@nightlight/core"
import { z } from "zod"
import type { ExchangeCheckpoint } from "../exchange.ts"

/** No entry is older: the service began later. */
const BEGINNING = "2000-01-01T00:00:00.000Z"
/** The service keeps a cursor for about twelve hours. */
const CURSOR_HOURS = 11

/** The service's internal ids still to be read; a window beyond this is asked for in smaller ones. */
const MOST_IN_WINDOW = 400_000
const FEW_IN_WINDOW = MOST_IN_WINDOW / 4
const FEW_TIMES = 4
const LEAST_WINDOW_MS = 60_000

const Cursor = z.strictObject({
  /** End of the window that is being read. */
  to: z.iso.datetime(),
  /** The next page's address below the base. */
  next: z.string().max(2_048),
  /** When the window's first page came. */
  since: z.iso.datetime(),
  /** Internal ids after the window's first page, where the service said so. */
  left: z.number().nonnegative().optional(),
})

const State = z.strictObject({
  full: z.boolean(),
  windowMs: z.number().positive().optional(),
  few: z.number().int().nonnegative(),
  cursor: Cursor.optional(),
})

/** Reading in progress: changed as pages come. */
export class Position {
  /** Start of the window: every change up to here was given out. */
  until: Date
  /** Whether everything is fetched anew. */
  full: boolean
  cursor: z.infer<typeof Cursor> | undefined
  #windowMs: number | undefined
  #few: number

  private constructor(until: Date, state: z.infer<typeof State>) {
    this.until = until
    this.full = state.full
    this.cursor = state.cursor
    this.#windowMs = state.windowMs
    this.#few = state.few
  }

  /** Continues from a checkpoint; a state of another form, or a cursor too old, is left out: its window is read again. */
  static from(checkpoint: ExchangeCheckpoint | undefined, now: Date): Position {
    if (checkpoint === undefined) return new Position(new Date(BEGINNING), { full: true, few: 0 })
    const until = new Date(checkpoint.until)
    const position = new Position(until, parseState(checkpoint.state) ?? { full: false, few: 0 })
    const { cursor } = position
    const ageMs = cursor === undefined ? 0 : now.getTime() - new Date(cursor.since).getTime()
    const isUsable = ageMs >= 0 && ageMs < CURSOR_HOURS * 3_600_000
    if (!isUsable) position.cursor = undefined
    return position
  }

  /** End of the next window. @param latest - End of the last one. */
  windowEnd(latest: Date): Date {
    if (this.#windowMs === undefined) return latest
    return new Date(Math.min(latest.getTime(), this.until.getTime() + this.#windowMs))
  }

  /**
   * Makes the window smaller if too much lies in it.
   *
   * @param left - Internal ids after the window's first page, where the service says so.
   * @returns whether the window was made smaller.
   */
  shrink(to: Date, left: number | undefined): boolean {
    const spanMs = to.getTime() - this.until.getTime()
    if (left === undefined || left <= MOST_IN_WINDOW || spanMs <= LEAST_WINDOW_MS) return false
    this.#windowMs = Math.max(LEAST_WINDOW_MS, Math.ceil(spanMs / 4))
    this.#few = 0
    return true
  }

  /** Ends a window; after a few small ones the next is larger. @param left - As it was after the first page. */
  finish(to: Date, left: number | undefined): void {
    this.until = to
    this.cursor = undefined
    this.#few = (left ?? 0) <= FEW_IN_WINDOW ? this.#few + 1 : 0
    if (this.#windowMs === undefined || this.#few < FEW_TIMES) return
    this.#windowMs *= 2
    this.#few = 0
  }

  /** What to store. */
  checkpoint(): ExchangeCheckpoint {
    const { full, cursor } = this
    const state = compact({ full, few: this.#few, windowMs: this.#windowMs, cursor })
    return { until: this.until.toISOString(), state: JSON.stringify(state) }
  }
}

function parseState(text: string | undefined): z.infer<typeof State> | undefined {
  if (text === undefined) return undefined
  try {
    return State.safeParse(parseStrictJson(Buffer.from(text))).data
  } catch {
    return undefined
  }
}
