import type { PersonActor } from "../../platform/auth/actor.ts"

/** The members of an event that decide who hears of a change. */
export interface LoggedEvent {
  readonly seq: string
  readonly type: string
  readonly actor: string
  /** Empty for an event without one. */
  readonly subject: string
}

/** A page that listens. */
export interface LivePage {
  readonly actor: PersonActor
  /** Reads the listener again; `undefined` once the session is over. */
  readonly again: () => Promise<PersonActor | undefined>
  /** Sends text; `false` if the page accepts nothing at the moment. */
  readonly send: (text: string) => boolean
  /** Ends the stream: after what was sent, or at once if the page accepts nothing. */
  readonly end: (how: "done" | "dropped") => void
}
