import type { ThemeName } from "@nightlight/contract/server"
import type { Generated } from "kysely"

/** What people set for themselves. */
export interface PreferenceTables {
  readonly preferences: {
    readonly person_id: string
    readonly tour_done: Generated<boolean>
    readonly theme: Generated<ThemeName>
    readonly size_px: number | null
    readonly blur_px: number | null
    readonly hide_after_seconds: number | null
  }
}
