/**
 * Takes notices into the journal and hands them back. They are the server's word and are used to restrict alone: what a
 * false one costs is an account that is deactivated again.
 * @module
 */
import { NOTICES_PER_CALL, type Notice, type Notices } from "@nightlight/contract/custodian"
import { assertAuditInput, parseAuditLine } from "@nightlight/vault/audit"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { refusal } from "../refusal.ts"
import { isNoticeType, NOTICE_TAKEN, type NoticeBook } from "./notice-book.ts"

/** Notices. */
export interface NoticeBoard {
  /**
   * Takes lines of the log. When this returns they are on disk.
   *
   * @returns How many were not known before.
   * @throws {RequestError} `input_invalid` (`malformed`) if one is no event of a type that is told; `forbidden`
   *   (`hourly-cap`). None is taken then.
   */
  take(lines: readonly string[]): Promise<number>
  /** Those of a higher number in the log, from one place on, a page at a time. */
  list(query: { readonly after: number; readonly from: number }): Notices
  /** Hashes that no notice has. */
  unknown(hashes: readonly string[]): readonly string[]
}

/** What fills a disk slowly enough to be noticed, and is more than any installation ends in an hour. */
const MOST_IN_HOUR = 20_000

export function createNotices({
  journal,
  book,
}: {
  readonly journal: Journal
  readonly book: NoticeBook
}): NoticeBoard {
  const serial = createSerial()
  return {
    take: (lines) =>
      serial.run(async () => {
        const notices = lines.map(toNotice)
        const fresh = new Map<string, Notice>()
        for (const notice of notices) if (!book.has(notice.logHash)) fresh.set(notice.logHash, notice)
        if (fresh.size === 0) return 0
        if (book.countInHour(journal.clock.now()) + fresh.size > MOST_IN_HOUR) {
          throw refusal("hourly-cap", "no more notices within the hour")
        }
        await journal.recordAll(
          [...fresh.values()].map((notice) => ({ type: NOTICE_TAKEN, actor: "server", data: { ...notice } })),
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
  throw refusal("malformed", "a line is no event of the log that is told")
}

function isPlain(input: Parameters<typeof assertAuditInput>[0]): boolean {
  try {
    assertAuditInput(input)
    return true
  } catch {
    return false
  }
}
