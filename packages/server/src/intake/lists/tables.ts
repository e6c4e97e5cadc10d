/** Every index that was ever live here. */
export interface ListTables {
  readonly live_indexes: {
    readonly version: number
    readonly live_at: Date
    readonly mac: string
  }
}
