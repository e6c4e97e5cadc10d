import type { SharedScanReport } from "@nightlight/contract/server"
import type { ColumnType } from "kysely"

/** Scans that sources told of. */
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
}
