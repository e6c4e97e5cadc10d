import type { PersonId, Role } from "../../platform/auth/actor.ts"

/** A role that a person holds. */
export interface RoleHeld {
  readonly role: Role
  readonly grantedAt: Date
  readonly requestedBy: string
  readonly approvedBy: string
}

/** A person who works here, or did. */
export interface Person {
  readonly id: PersonId
  readonly name: string
  readonly email: string
  readonly madeAt: Date
  readonly madeBy: string
  /** `undefined` until they have set a password or bound a single sign-on. */
  readonly joinedAt: Date | undefined
  readonly deactivatedAt: Date | undefined
  readonly training: TrainingDates | undefined
  readonly custodyKeyAt: Date | undefined
}

/** When a reviewer was trained, and until when that is valid. */
export interface TrainingDates {
  readonly trainedAt: Date
  readonly renewsAt: Date
}

/** Rights of a person's session at this moment. */
export interface PersonAccess {
  readonly roles: ReadonlySet<Role>
  readonly trained: boolean
}

/** How two people are related: the one made (invited) the other, granted them a role, or reset what they sign in with. */
export type RelationKind = "made" | "granted" | "reset"

/** One relation. Relations are never deleted. */
export interface PersonRelation {
  readonly by: string
  readonly person: string
  readonly kind: RelationKind
  readonly at: Date
}

/** State of the set-up. */
export interface SetupState {
  readonly firstId: PersonId | undefined
  readonly secondId: PersonId | undefined
  /** When the second administrator joined: from then on every grant needs an approval. */
  readonly completeAt: Date | undefined
}

/** Actor of grants without an approval: those of the set-up and of break-glass access. */
export const SYSTEM_SETUP = "system-setup"
export const SYSTEM_HOST = "system-host"
