import { AUDIT_GENESIS, chainAuditEvent, toAuditLine } from "@nightlight/vault/audit"

/** The position before the first event. */
export const GENESIS = { seq: 0, hash: AUDIT_GENESIS }

/** A log that a server keeps. */
export function aLog(startAt = "2026-06-01T11:00:00.000Z") {
  let last = GENESIS
  let atMs = Date.parse(startAt)
  return {
    get head() {
      return last
    },
    /** Appends events, a second apart. */
    lines(count: number, change: { readonly at?: string; readonly actor?: string } = {}): string[] {
      return Array.from({ length: count }, () => {
        atMs += 1_000
        const at = change.at ?? new Date(atMs).toISOString()
        const event = chainAuditEvent({ type: "case.claimed", actor: change.actor ?? "person-1" }, at, last)
        last = { seq: event.seq, hash: event.hash }
        return toAuditLine(event).trimEnd()
      })
    },
    /** The same log up to here, to be gone on with in another way. */
    fork() {
      const other = aLog(new Date(atMs).toISOString())
      other.startFrom(last)
      return other
    },
    startFrom(position: { readonly seq: number; readonly hash: string }) {
      last = position
    },
  }
}
