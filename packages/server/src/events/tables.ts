import type { GeneratedAlways } from "kysely"

/** The log. The application's role may insert and select, nothing else. */
export interface EventTables {
  readonly events: {
    readonly seq: string
    readonly at: string
    readonly type: string
    readonly actor: string
    /** The event's whole line, without its newline: what the hash is of. */
    readonly line: string
    readonly hash: string
    /** The code of its number and hash: see `event-seal.ts`. */
    readonly mac: string
    /** `data.subject` of the line: what the event is about. */
    readonly subject: GeneratedAlways<string | null>
  }
  /** Checkpoints that the custodian signed. */
  readonly event_checkpoints: {
    readonly seq: string
    readonly line: string
  }
}
