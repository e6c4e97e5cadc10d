import type { AlarmCode } from "@nightlight/contract/server"
import type { AuditData } from "@nightlight/vault/audit"

/** What an alarm says. */
export interface AlarmInput {
  readonly code: AlarmCode
  /** Id of what it is about. */
  readonly subject: string
  /** Ids, codes and counts alone. */
  readonly data?: AuditData
}

/** Raises alarms for what knows no people: `staff` makes it. */
export interface AlarmPort {
  /** In a transaction of its own. */
  raiseNow(alarm: AlarmInput): Promise<void>
}
