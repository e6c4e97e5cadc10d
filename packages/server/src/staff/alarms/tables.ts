/** Alarms; one open row for each code and subject. */
export interface AlarmTables {
  readonly alarms: {
    readonly id: string
    readonly code: string
    readonly subject: string
    /** JSON: ids, codes and counts. */
    readonly data: unknown
    readonly raised_at: Date
    readonly last_at: Date
    readonly times: number
    readonly acknowledged_at: Date | null
    readonly acknowledged_by: string | null
  }
}
