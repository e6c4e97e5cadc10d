import type { GuardHeartbeat } from "@nightlight/contract/server"
import type { ColumnType } from "kysely"

/** The last word of each guard process. */
export interface GuardTables {
  readonly guard_heartbeats: {
    readonly source_id: string
    /** `guard-<uuid>`: one process. */
    readonly instance: string
    readonly state: GuardHeartbeat["state"]
    /** By our own clock, like the next. */
    readonly first_seen_at: Date
    readonly last_seen_at: Date
    /** JSON text on the way in. */
    readonly heartbeat: ColumnType<GuardHeartbeat, string, string>
  }
}
