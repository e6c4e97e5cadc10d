import type { Notice, NoticeType } from "@nightlight/contract/custodian"
import { type AuditData, chainAuditEvent, parseAuditLine, toAuditLine } from "@nightlight/vault/audit"

/** Stands in for the custodian's process: stores notices, as its journal does. */
export function createNoticeKeeper() {
  const notices = new Map<string, Notice>()
  return {
    notices,
    sendNotices: async (lines: readonly string[]) => {
      for (const line of lines) {
        const parsed = parseAuditLine(Buffer.from(line))
        if (parsed.kind !== "event") throw new Error("no event")
        const { type, seq, hash, at, actor, data } = parsed.event
        const notice = { type: type as NoticeType, logSeq: seq, logHash: hash, at, actor, data: data as Notice["data"] }
        notices.set(hash, notice)
      }
    },
    /** Reads them back, as the server does. */
    list: async (after: number) => [...notices.values()].filter(({ logSeq }) => logSeq > after),
    unknownNotices: async (hashes: readonly string[]) => hashes.filter((hash) => !notices.has(hash)),
  }
}

/** Lines of a log as it went on behind a backup, and was lost. */
export function lostLines(
  after: { readonly seq: number; readonly hash: string },
  events: readonly { readonly type: NoticeType; readonly subject: string; readonly data?: AuditData }[],
): readonly string[] {
  let head = after
  return events.map(({ type, subject, data }) => {
    const input = { type, actor: "person-lost", data: { ...data, subject } }
    const event = chainAuditEvent(input, "2026-06-01T00:00:00.000Z", head)
    head = { seq: event.seq, hash: event.hash }
    return toAuditLine(event).trimEnd()
  })
}
