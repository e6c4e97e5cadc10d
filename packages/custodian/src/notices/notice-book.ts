import { NOTICE_TYPES, Notice, type NoticeType } from "@nightlight/contract/custodian"
import { HOUR_MS } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** Type of the journal's event for one notice. */
export const NOTICE_ACCEPTED = "notice.accepted"

/** Knows every notice in the journal, in the order in which they arrived. */
export class NoticeBook implements Book {
  readonly #notices: Notice[] = []
  readonly #hashes = new Set<string>()
  /** Times of those of the last hours, milliseconds. */
  #times: number[] = []

  apply({ type, at, data }: AuditEvent): void {
    if (type !== NOTICE_ACCEPTED) return
    const atMs = Date.parse(at)
    if (atMs - (this.#times[0] ?? atMs) > 2 * HOUR_MS) this.#times = this.#times.filter((time) => atMs - time < HOUR_MS)
    this.#times.push(atMs)
    const notice = Notice.parse(data)
    if (this.#hashes.has(notice.logHash)) return
    this.#hashes.add(notice.logHash)
    this.#notices.push(notice)
  }

  has(logHash: string): boolean {
    return this.#hashes.has(logHash)
  }

  /** Counts what was stored within an hour of a time, before it or, if a clock went back, after it. */
  countInHour(now: Date): number {
    return this.#times.filter((time) => Math.abs(now.getTime() - time) < HOUR_MS).length
  }

  /** Notices from an index on. */
  from(index: number): readonly Notice[] {
    return this.#notices.slice(index)
  }
}

/** Whether a type of event is a notice. */
export function isNoticeType(type: string): type is NoticeType {
  return (NOTICE_TYPES as readonly string[]).includes(type)
}
