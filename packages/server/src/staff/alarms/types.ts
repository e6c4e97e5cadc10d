import type { AuditData } from "@nightlight/vault/audit"

/** A raised alarm. While it is open, raising it again counts up `times`. */
export interface Alarm {
  /** `alarm-<uuid>`. */
  readonly id: string
  readonly code: string
  readonly subject: string
  readonly data: AuditData
  readonly raisedAt: Date
  /** When it was last raised. */
  readonly lastAt: Date
  /** How often it was raised while it was open. */
  readonly times: number
  readonly acknowledgedAt: Date | undefined
  readonly acknowledgedBy: string | undefined
}
