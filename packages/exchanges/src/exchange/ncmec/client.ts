/**
 * NCMEC Hash Sharing API v2.
 *
 * The service gives out a window of time in pages that are not in the order of time, so the checkpoint moves only after
 * a whole window.
 * @module
 */
import { type Clock, compact, type HashType, NightlightError, RequestError } from "@nightlight/core"
import type { EntryVote, Exchange, ExchangeCheckpoint, ExchangePage, FetchOptions } from "../exchange.ts"
import { basicAuthorization, ExchangeService, type ServiceOptions } from "../service.ts"
import { type NcmecPage, readNcmecPage } from "./page.ts"
import { Position } from "./position.ts"
import { feedbackSubmission } from "./votes.ts"

/** A member's access to one environment. */
export interface NcmecOptions extends Pick<ServiceOptions, "certificateAuthorities" | "timeoutMs"> {
  /** The environment's address, without `/v2`. */
  readonly base: string
  readonly username: string
  readonly password: string
  readonly clock: Clock
}

/** Changes of the last seconds may not be visible on every page yet. */
const SETTLING_MS = 5_000
/** How much later than the service's time a checkpoint or an entry may be. */
const CLOCK_SLACK_MS = 3_600_000
/** More than any window's pages of a thousand entries. */
const MOST_PAGES = 100_000
const MOST_EMPTY_PAGES = 50

const FEEDBACK_TYPES: Partial<Record<HashType, string>> = { md5: "MD5", sha1: "SHA1", pdq: "PDQ" }

/** A connection to one environment. */
export class NcmecExchange implements Exchange {
  readonly #service: ExchangeService
  readonly #clock: Clock

  /** @throws {RequestError} `input_invalid` for a base of another form. */
  constructor({ base, username, password, clock, ...more }: NcmecOptions) {
    const headers = { authorization: basicAuthorization(username, password), accept: "application/xml" }
    this.#service = new ExchangeService({ exchange: "ncmec", base, headers, ...more })
    this.#clock = clock
  }

  async *fetch(
    checkpoint: ExchangeCheckpoint | undefined,
    options: FetchOptions = {},
  ): AsyncGenerator<ExchangePage, void, undefined> {
    const now = await this.#now(options)
    const latest = new Date(now.getTime() - SETTLING_MS)
    const position = Position.from(checkpoint, this.#clock.now())
    if (!(position.until.getTime() <= now.getTime() + CLOCK_SLACK_MS)) {
      throw new RequestError("state_conflict", "this exchange was read up to a time that is still to come there", {
        details: { until: checkpoint?.until ?? "", now: now.toISOString() },
        hint: "Set this machine's clock right, then fetch everything from this exchange anew.",
      })
    }
    while (position.until < latest) yield* this.#window(position, latest, options)
  }

  async check(options: FetchOptions = {}): Promise<void> {
    await this.#now(options)
  }

  async vote({ key, hashType, verdict, reasonIds = [] }: EntryVote, options: FetchOptions = {}): Promise<void> {
    const [, memberId, entryId = ""] = /^(\d{1,20})-(.+)$/s.exec(key) ?? []
    const type = FEEDBACK_TYPES[hashType]
    if (memberId === undefined || type === undefined || /^\.{1,2}$/.test(entryId)) {
      throw new RequestError("input_invalid", "NCMEC takes votes on md5, sha1 and pdq of its own entries")
    }
    const body = feedbackSubmission(verdict, reasonIds)
    const path = `/v2/entries/${memberId}/${encodeURIComponent(entryId)}/${type}/feedback`
    const contentType = "application/xml; charset=utf-8"
    await this.#service.call({ method: "PUT", path, body: { bytes: Buffer.from(body), contentType } }, options)
  }

  close(): Promise<void> {
    return this.#service.close()
  }

  /** The earlier one of this machine's time and the service's: a clock that runs ahead must not skip changes. */
  async #now(options: FetchOptions): Promise<Date> {
    const { date } = await this.#service.call({ method: "GET", path: "/v2/status" }, options)
    const own = this.#clock.now()
    return date !== undefined && date < own ? date : own
  }

  /** Reads one window, or the rest of one, and moves the position to its end. */
  async *#window(
    position: Position,
    latest: Date,
    options: FetchOptions,
  ): AsyncGenerator<ExchangePage, void, undefined> {
    const from = position.until.toISOString()
    const first = await this.#firstPage(position, latest, options)
    const { to, since, left } = first
    const seen = new Set<string>()
    let { page } = first
    for (let pages = 1, empty = 0; ; pages++) {
      empty = page.changes.length === 0 ? empty + 1 : 0
      const next = page.next === undefined ? undefined : this.#assertNext(page.next, seen)
      if (pages > MOST_PAGES || empty > MOST_EMPTY_PAGES) throw this.#service.malformed("pages without end")
      if (next === undefined) position.finish(to, left)
      else position.cursor = compact({ to: to.toISOString(), next, since: since.toISOString(), left })
      const { full } = position
      const caughtUp = next === undefined && to.getTime() >= latest.getTime()
      if (caughtUp) position.full = false
      yield {
        changes: page.changes,
        malformed: page.malformed,
        window: { from, to: to.toISOString() },
        full,
        caughtUp,
        checkpoint: position.checkpoint(),
      }
      if (next === undefined) return
      page = await this.#page(next, latest, options)
    }
  }

  /** Continues the window in which the last fetch stopped, or begins one that is not too large. */
  async #firstPage(position: Position, latest: Date, options: FetchOptions): Promise<FirstPage> {
    const { cursor } = position
    if (cursor !== undefined) {
      try {
        const page = await this.#page(this.#assertNext(cursor.next, new Set()), latest, options)
        return { page, to: new Date(cursor.to), since: new Date(cursor.since), left: cursor.left }
      } catch (error) {
        if (!isUnknownCursor(error)) throw error
        position.cursor = undefined
      }
    }
    for (;;) {
      const to = position.windowEnd(latest)
      const query = new URLSearchParams({ from: position.until.toISOString(), to: to.toISOString() })
      const page = await this.#page(`/v2/entries?${query.toString()}`, latest, options)
      const left = leftAfter(page.next)
      if (!position.shrink(to, left)) return { page, to, since: this.#clock.now(), left }
    }
  }

  async #page(path: string, latest: Date, options: FetchOptions): Promise<NcmecPage> {
    const { body } = await this.#service.call({ method: "GET", path }, options)
    return readNcmecPage(body, new Date(latest.getTime() + CLOCK_SLACK_MS), (what) => {
      throw this.#service.malformed(what)
    })
  }

  /** Asserts that a page's successor is another page of the entries. */
  #assertNext(next: string, seen: Set<string>): string {
    const isPage = next.length <= 2_048 && /^\/v2\/entries\?[\u0021-\u007e]+$/.test(next) && !/[#\\]/.test(next)
    if (!isPage) throw this.#service.malformed("the next page lies elsewhere")
    if (seen.has(next)) throw this.#service.malformed("a page follows itself")
    seen.add(next)
    return next
  }
}

/** The page with which reading a window begins or continues. */
interface FirstPage {
  readonly page: NcmecPage
  /** The window's end. */
  readonly to: Date
  /** When the window's first page came. */
  readonly since: Date
  /** Internal ids after the window's first page, where the service said so. */
  readonly left: number | undefined
}

/** Whether the service answered with a status that it may give for a cursor that it no longer knows. */
function isUnknownCursor(error: unknown): boolean {
  if (!(error instanceof NightlightError)) return false
  const { code, details } = error
  return code === "not_found" || (code === "answer_malformed" && details["status"] !== undefined)
}

/** Internal ids after a page, as its successor's address states them. */
function leftAfter(next: string | undefined): number | undefined {
  const query = new URLSearchParams(next?.slice(next.indexOf("?") + 1))
  const left = Number(query.get("max") ?? Number.NaN) - Number(query.get("start") ?? Number.NaN)
  return Number.isFinite(left) && left >= 0 ? left : undefined
}
