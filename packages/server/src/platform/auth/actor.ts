/**
 * The caller: a signed-in person, a key of a service, or the system itself.
 * @module
 */
import type { ROLES, SCOPES } from "@nightlight/contract/server"

/** A role that people are granted. */
export type Role = (typeof ROLES)[number]

/** Opaque id of a person: `person-<uuid>`. */
export type PersonId = string & { readonly brand: "PersonId" }

/** A person with a live session. */
export interface PersonActor {
  readonly kind: "person"
  readonly id: PersonId
  readonly roles: ReadonlySet<Role>
  /** Id of the session: appears in events, opens nothing. */
  readonly session: string
  /** Until when the last step-up counts; `undefined` if it does not. */
  readonly steppedUpUntil: Date | undefined
  /** Set if the person has no valid training: permissions that need one are refused, whatever the role. */
  readonly trainingLapsed?: true
}

/** A scope of a service's key. */
export type Scope = (typeof SCOPES)[number]

/** A service that holds a key. A key never counts as a person. */
export interface ServiceActor {
  readonly kind: "service"
  /** `key-<uuid>`. */
  readonly id: string
  readonly scopes: ReadonlySet<Scope>
  /** The enrolled source that the key is bound to. */
  readonly source: string | undefined
  /** Items that it may have screened in a minute, in each server process. */
  readonly callsPerMinute: number
}

/** A job or a host command. */
export interface SystemActor {
  readonly kind: "system"
  /** `system-<what>`. */
  readonly id: string
}

/** Who acts: a signed-in person, a service by its key, or the system. */
export type Actor = PersonActor | ServiceActor | SystemActor

/** How long a step-up lasts. */
export const STEP_UP_MINUTES = 10
