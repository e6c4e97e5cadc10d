/**
 * Alarms that people must handle, by code.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/** Codes of alarms; the console has a sentence for each. */
export const ALARM_CODES = [
  "automatic-entry-stopped",
  "automatic-filing-ended",
  "backup-old",
  "break-glass-requested",
  "break-glass-opened",
  "bulk-reading",
  "case-counts-differ",
  "case-deadline",
  "clock-jumped",
  "custodian-doubted",
  "checkpoint-copy-failed",
  "custodian-journal-older",
  "custodian-locked",
  "custodian-unreachable",
  "custody-shared",
  "decoder-not-isolated",
  "destruction-refused",
  "evidence-conflict",
  "finding-refused",
  "findings-refused",
  "imminent-danger",
  "joining-code-guessed",
  "link-key-refused",
  "kept-key-files",
  "list-index-refused",
  "log-differs",
  "row-untrusted",
  "old-key-used",
  "match-denied",
  "nothing-matched",
  "pager-failed",
  "passkey-counter",
  "repeat-views",
  "report-held",
  "scan-refused",
  "screen-probing",
  "sign-in-failures",
  "sign-in-odd-hour",
  "single-person-review-due",
  "single-person-review-overdue",
] as const
/** One of {@link ALARM_CODES}. */
export type AlarmCode = (typeof ALARM_CODES)[number]

/** One alarm. */
export const AlarmView = z.strictObject({
  id: z.string(),
  /** One of {@link ALARM_CODES}, or another code of an alarm that an older version raised. */
  code: z.string(),
  /** Id of its subject. */
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
  raisedAt: Timestamp,
  lastAt: Timestamp,
  /** How often it was raised while it was open. */
  times: z.int().positive(),
  acknowledgedAt: Timestamp.exactOptional(),
  acknowledgedBy: z.string().exactOptional(),
})
export type AlarmView = z.infer<typeof AlarmView>

/** `GET /v1/alarms` query. */
export const AlarmQuery = z.strictObject({ state: z.enum(["open", "all"]).default("open") })

/** `GET /v1/alarms` answer: newest first, at most 200. */
export const AlarmList = z.strictObject({ alarms: z.array(AlarmView) })
