import type { ColumnType } from "kysely"
import type { OwnLimits } from "./limits.ts"

/** Tables of exposure. */
export interface ExposureTables {
  readonly exposure_people: {
    readonly person_id: string
    readonly stretch_started_at: Date | null
    readonly last_look_at: Date | null
    readonly last_look_case: string | null
    readonly consecutive: number
    readonly break_until: Date | null
  }
  readonly exposure_days: {
    readonly person_id: string
    readonly day: string
    readonly looks: number
    readonly originals: number
    readonly seconds: number
  }
  readonly exposure_limits: {
    readonly scope: string
    /** JSON text on the way in. */
    readonly limits: ColumnType<OwnLimits, string, string>
    readonly set_by: string
    readonly set_at: Date
  }
}
