/**
 * Recipients of evidence: all that there ever were, with the times of their addition and revocation.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import { isRecipient } from "../keys/recipient.ts"

/** `custodian` opens evidence day to day; `recovery` is kept offline and opens it when all else is lost. */
export type RecipientRole = "custodian" | "recovery"

/** One public key that evidence is, or was, sealed to. */
export interface ManifestRecipient {
  /** Short name within the workspace, letters, digits, `.`, `_` and `-`; used in rows and logs. Never reused. */
  readonly id: string
  /** age X25519 public key, `age1...`. */
  readonly recipient: string
  readonly role: RecipientRole
  /** Whether the private half is on a machine that also screens. */
  readonly local: boolean
  /** ISO 8601, UTC. */
  readonly addedAt: string
  /** ISO 8601, UTC; absent while evidence is still sealed to it. */
  readonly revokedAt?: string
}

/** The signed list of recipients, checked. */
export interface Manifest {
  /** From 1, raised by each change. */
  readonly version: number
  /** ISO 8601, UTC. */
  readonly writtenAt: string
  /** In the order they were added. */
  readonly recipients: readonly ManifestRecipient[]
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/

/**
 * The present recipients of evidence.
 *
 * @throws {IntegrityError} `key_unusable` unless they are at least two different X25519 keys, including a custodian's
 *   and a recovery key: nothing is sealed that one lost key would make unreadable.
 */
export function activeRecipients(manifest: Pick<Manifest, "recipients">): readonly ManifestRecipient[] {
  const active = manifest.recipients.filter((entry) => entry.revokedAt === undefined)
  const keys = new Set(active.map((entry) => entry.recipient).filter(isRecipient))
  const roles = new Set(active.map((entry) => entry.role))
  if (keys.size !== active.length || !roles.has("custodian") || !roles.has("recovery")) {
    throw new IntegrityError(
      "key_unusable",
      "evidence needs two different recipients: a custodian's and a recovery key",
      {
        details: { active: active.length, distinct: keys.size },
        hint: "Add the missing recipient: age1... of a key that was made elsewhere.",
      },
    )
  }
  return active
}

/** Whether no active custodian's private half is on a machine that also screens. */
export function custodySeparated(manifest: Pick<Manifest, "recipients">): boolean {
  return manifest.recipients.every(
    (entry) => entry.role !== "custodian" || entry.revokedAt !== undefined || !entry.local,
  )
}

/** Checks the shape of a recipient from a parsed file or a caller. */
export function isManifestRecipient(value: unknown): value is ManifestRecipient {
  if (typeof value !== "object" || value === null) return false
  const { id, recipient, role, local, addedAt, revokedAt } = value as Record<string, unknown>
  return (
    matches(id, ID) &&
    typeof recipient === "string" &&
    isRecipient(recipient) &&
    (role === "custodian" || role === "recovery") &&
    typeof local === "boolean" &&
    matches(addedAt, TIME) &&
    (revokedAt === undefined || matches(revokedAt, TIME))
  )
}

function matches(value: unknown, pattern: RegExp): boolean {
  return typeof value === "string" && pattern.test(value)
}
