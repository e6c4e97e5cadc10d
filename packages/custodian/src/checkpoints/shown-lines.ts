/**
 * Checks lines of the server's log against an event that was signed before, and returns where they end.
 * @module
 */
import { type AuditEvent, assertAuditInput, parseAuditLine } from "@nightlight/vault/audit"
import { refusal } from "../refusal.ts"

/** How far the server's log was signed. */
export interface LogHead {
  /** 0 before the first event. */
  readonly seq: number
  readonly hash: string
  /** When the event was appended, by the server's clock, ISO 8601; absent before the first. */
  readonly eventAt?: string
}

/** Several servers write one log: their clocks may differ by this much. */
export const LOG_CLOCK_TOLERANCE_MS = 10 * 60_000

/**
 * Checks lines: each must be an event of ids, codes and counts, has the next number and the hash of the one before it,
 * and a time that neither runs back nor is ahead of this machine's by more than {@link LOG_CLOCK_TOLERANCE_MS}.
 *
 * @param lines - Without their newlines.
 * @returns The last one's head.
 * @throws {RequestError} `state_conflict` (`log-broken`, `log-time-back`, `log-time-ahead`); `seq` names the first that
 *   does not follow.
 */
export function followLines(from: LogHead, lines: readonly string[], now: Date): LogHead {
  let head = from
  let latestMs = from.eventAt === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from.eventAt)
  for (const line of lines) {
    const seq = head.seq + 1
    const event = toEvent(line)
    if (event === undefined || event.seq !== seq || event.prev !== head.hash) {
      throw refusal("log-broken", "a line does not follow the last signed one", { seq })
    }
    const atMs = timeOf(event.at)
    if (atMs === undefined || atMs < latestMs - LOG_CLOCK_TOLERANCE_MS) {
      throw refusal("log-time-back", "the log's times run back", { seq })
    }
    if (atMs > now.getTime() + LOG_CLOCK_TOLERANCE_MS) {
      throw refusal("log-time-ahead", "the log is ahead of this machine's clock", { seq })
    }
    latestMs = Math.max(latestMs, atMs)
    head = { seq, hash: event.hash, eventAt: new Date(latestMs).toISOString() }
  }
  return head
}

/**
 * Reads one line that need not follow any other.
 *
 * @throws {RequestError} `state_conflict` (`log-broken`) unless it is a whole event of ids, codes and counts.
 */
export function readShownLine(line: string): AuditEvent {
  const event = toEvent(line)
  if (event === undefined || timeOf(event.at) === undefined) throw refusal("log-broken", "the line is not an event")
  return event
}

/** The event of a whole line that contains only ids, codes and counts. */
function toEvent(line: string): AuditEvent | undefined {
  const parsed = parseAuditLine(Buffer.from(line))
  if (parsed.kind !== "event" || parsed.droppedBytes > 0) return undefined
  try {
    assertAuditInput(parsed.event)
  } catch {
    return undefined
  }
  return parsed.event
}

/** Milliseconds of a time in the log's only form. */
function timeOf(text: string): number | undefined {
  const ms = Date.parse(text)
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? undefined : ms
}
