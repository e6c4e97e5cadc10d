/**
 * Digests that a sealed file may have: grants and reports name it as it was sealed, but its header may be newer.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Book } from "../journal/journal.ts"

/** Type of the event that is recorded before a header is returned. */
export const HEADER_MADE = "evidence.rewrapped"

/** Type of the event that permits headers. */
export const ALLOWED = "rewrap.allowed"

/** Type of the event of accepted recipients of rewraps. */
export const RECIPIENTS_ACCEPTED = "recipients.accepted"

/** Follows `evidence.rewrapped`, `rewrap.allowed` and `recipients.accepted`. */
export class RewrapBook implements Book {
  /** Digests that replaced one: more than one if a rewrap was killed and repeated. */
  readonly #after = new Map<string, Set<string>>()
  /** Highest version of the manifest that headers were made for. */
  version = 0
  /** The recipients that the host last accepted, `age1...`; `undefined`: none yet. */
  accepted: readonly string[] | undefined

  apply({ type, data }: AuditEvent): void {
    if (type === ALLOWED) this.version = Math.max(this.version, Number(data["manifestVersion"]))
    if (type === RECIPIENTS_ACCEPTED) this.accepted = data["recipients"] as readonly string[]
    if (type !== HEADER_MADE) return
    const { evidenceId, before, after } = data as { readonly [name: string]: string }
    const key = keyOf(evidenceId ?? "", before ?? "")
    this.#after.set(key, (this.#after.get(key) ?? new Set()).add(after ?? ""))
  }

  /** The digest itself and every later one that this custodian gave the same file. */
  digestsOf({ evidenceId, ciphertextSha256 }: { readonly evidenceId: string; readonly ciphertextSha256: string }) {
    const digests = new Set([ciphertextSha256])
    for (const digest of digests) for (const next of this.#after.get(keyOf(evidenceId, digest)) ?? []) digests.add(next)
    return [...digests] as readonly string[]
  }
}

function keyOf(evidenceId: string, digest: string): string {
  return `${evidenceId} ${digest}`
}
