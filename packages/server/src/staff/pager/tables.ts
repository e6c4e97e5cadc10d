import type { PagerCallState, PagerCode } from "./types.ts"

/** Calls of people. */
export interface PagerTables {
  readonly pager_calls: {
    readonly call_id: string
    readonly code: PagerCode
    readonly subject: string
    readonly state: PagerCallState
    readonly at: Date
    readonly tries: number
    readonly fault: string | null
    readonly taken_at: Date | null
  }
}
