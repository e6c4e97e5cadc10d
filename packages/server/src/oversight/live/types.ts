import type { PersonActor } from "../../platform/auth/actor.ts"

/** What of an event decides who is told that something changed. */
export interface LoggedEvent {
  readonly seq: string
  readonly type: string
  readonly actor: string
  /** Empty for an event without one. */
  readonly subject: string
}

/** Somebody's page that listens. */
export interface Listener {
  readonly actor: PersonActor
  /** Who listens, asked anew: `undefined` once the session is over. */
  readonly again: () => Promise<PersonActor | undefined>
  /** Sends text; `false` if the page takes nothing at the moment. */
  readonly send: (text: string) => boolean
  /** Ends the stream: after what was sent, or at once where the page takes nothing. */
  readonly end: (how: "done" | "dropped") => void
}
