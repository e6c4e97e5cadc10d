import type { FollowUpKind, SharedHunt, SharedPurge, SharedScanReport } from "@nightlight/contract/server"
import type { ColumnType } from "kysely"

/** Scans, hunts and purges that sources told of. */
export interface ScanTables {
  readonly scans: {
    /** `scan-<uuid>`. */
    readonly scan_id: string
    readonly source_id: string
    /** The source's own name of it. */
    readonly scan: string
    readonly state: SharedScanReport["state"]
    readonly finished_at: Date
    readonly received_at: Date
    /** JSON text on the way in. */
    readonly report: ColumnType<SharedScanReport, string, string>
  }
  readonly follow_ups: {
    /** `hunt-<uuid>` or `purge-<uuid>`. */
    readonly follow_up_id: string
    readonly source_id: string
    readonly kind: FollowUpKind
    /** The source's own name of it. */
    readonly name: string
    readonly at: Date
    readonly received_at: Date
    /** JSON text on the way in. */
    readonly report: ColumnType<SharedHunt | SharedPurge, string, string>
  }
  readonly follow_up_datasets: {
    readonly follow_up_id: string
    readonly source_id: string
    readonly dataset: string
    readonly at: Date
    readonly complete: boolean
    /** JSON text on the way in. */
    readonly state: ColumnType<(SharedHunt | SharedPurge)["datasets"][number], string, never>
  }
}
