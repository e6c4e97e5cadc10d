/**
 * Stores notices in the journal and returns them. They are the server's claims and are only used to restrict: a false
 * one costs no more than an account that is deactivated again.
 * @module
 */
import { NOTICES_PER_CALL, type Notice, type Notices } from "@nightlight/contract/custodian"
import { assertAuditInput, parseAuditLine } from "@nightlight/vault/audit"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"
import { isNoticeType, NOTICE_ACCEPTED, type NoticeBook } from "./notice-book.ts"

/** Stores and lists notices. */
export interface NoticeStore {
  /**
   * Stores lines of the log; when this returns they are on disk.
   *
   * @returns How many were new.
   * @throws {RequestError} `input_invalid` (`malformed`) if one is not an event of a type for notices; `forbidden`
   *   (`hourly-cap`). Then none is stored.
   */
  take(lines: readonly string[]): Promise<number>
  /** Those with a higher number in the log, from an index on, a page at a time. */
  list(query: { readonly after: number; readonly from: number }): Notices
  /** Hashes without a notice. */
  unknown(hashes: readonly string[]): readonly string[]
}

/** Fills a disk slowly enough to be noticed, and is more than any installation needs in an hour. */
const MAX_IN_HOUR = 20_000

/** Stores what the server says happened, each notice once, so that a restored server can be told again. */
export function createNotices({
  journal,
  book,
}: {
  readonly journal: Journal
  readonly book: NoticeBook
}): NoticeStore {
  const serial = createSerial()
  return {
    take: (lines) =>
      serial.run(async () => {
        const notices = lines.map(toNotice)
        const fresh = new Map<string, Notice>()
        for (const notice of notices) if (!book.has(notice.logHash)) fresh.set(notice.logHash, notice)
        if (fresh.size === 0) return 0
        if (book.countInHour(journal.clock.now()) + fresh.size > MAX_IN_HOUR) {
          throw refusal("hourly-cap", "the hourly limit of notices is reached")
        }
        await journal.recordAll(
          [...fresh.values()].map((notice) => ({ type: NOTICE_ACCEPTED, actor: "server", data: { ...notice } })),
        )
        return fresh.size
      }),
    list: ({ after, from }) => {
      const notices: Notice[] = []
      let offset = from
      for (const notice of book.from(from)) {
        if (notices.length === NOTICES_PER_CALL) return { notices, next: offset }
        offset++
        if (notice.logSeq > after) notices.push(notice)
      }
      return { notices }
    },
    unknown: (hashes) => hashes.filter((hash) => !book.has(hash)),
  }
}

function toNotice(line: string): Notice {
  const parsed = parseAuditLine(Buffer.from(line))
  if (parsed.kind === "event" && parsed.droppedBytes === 0 && isNoticeType(parsed.event.type)) {
    const { type, seq, hash, at, actor, data } = parsed.event
    if (isPlain({ type, actor, data }))
      return { type, logSeq: seq, logHash: hash, at, actor, data: { ...data } as Notice["data"] }
  }
  throw refusal("malformed", "a line is not an event of a type for notices")
}

function isPlain(input: Parameters<typeof assertAuditInput>[0]): boolean {
  try {
    assertAuditInput(input)
    return true
  } catch {
    return false
  }
}
