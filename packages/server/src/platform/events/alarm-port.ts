import type { AlarmCode } from "@nightlight/contract/server"
import type { AuditData } from "@nightlight/vault/audit"

/** Content of an alarm. */
export interface AlarmInput {
  readonly code: AlarmCode
  /** Id of its subject. */
  readonly subject: string
  /** Only ids, codes and counts. */
  readonly data?: AuditData
}

/** Raises alarms for code that does not know people; `staff` makes it. */
export interface AlarmPort {
  /** In a transaction of its own. */
  raiseNow(alarm: AlarmInput): Promise<void>
}
