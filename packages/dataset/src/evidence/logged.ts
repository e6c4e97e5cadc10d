/**
 * Evidence that was sealed according to the log. It reveals evidence that vanished or was exchanged together with its
 * row.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { type AuditInput, readAuditEvents } from "@nightlight/vault/audit"

/** Type of the event of a sealing. */
const SEALED = "evidence.sealed"

/** Type of the event written before a sealed file gets another header. */
export const REWRAPPED = "evidence.rewrapped"

/** Type of the event at the end of a rewrapping of all evidence. */
export const REWRAPPED_ALL = "keys.rewrapped"

/** Makes the events of a shard's sealings; repeated when the shard is. */
export function sealingEvents(findings: readonly Finding[]): readonly Pick<AuditInput, "type" | "data">[] {
  return findings.flatMap(({ id, itemDigest, evidence }) =>
    evidence === undefined
      ? []
      : [
          {
            type: SEALED,
            data: {
              evidence: evidence.id,
              finding: id,
              item: itemDigest,
              ciphertext: evidence.ciphertextSha256,
              content: evidence.content,
            },
          },
        ],
  )
}

/**
 * Reads which evidence was sealed, and to what.
 *
 * @returns By evidence id the digests that its sealed file may have: one; two or more where a rewrapping was killed
 *   between its line in the log and the file's new name, until one has come to its end.
 * @throws {IntegrityError} `audit_chain_broken`.
 */
export async function loggedSealings(auditDir: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const sealings = new Map<string, readonly string[]>()
  for await (const { type, data } of readAuditEvents(auditDir)) {
    const { evidence, ciphertext, before, failed } = data
    if (type === REWRAPPED_ALL && failed === 0) {
      for (const [id, digests] of sealings) sealings.set(id, digests.slice(-1))
    }
    if (typeof evidence !== "string" || typeof ciphertext !== "string") continue
    const known = sealings.get(evidence) ?? []
    // A repeated scan records again what it found sealed already.
    if (type === SEALED && !known.includes(ciphertext)) sealings.set(evidence, [ciphertext])
    if (type === REWRAPPED && typeof before === "string" && known.includes(before)) {
      sealings.set(evidence, [...known, ciphertext])
    }
  }
  return sealings
}
