/**
 * What the log says was sealed: evidence that vanished, or was exchanged together with its row, is known by it.
 * @module
 */
import type { Finding } from "@nightlight/contract"
import { type AuditInput, readAuditEvents } from "@nightlight/vault/audit"

/** Type of the event that each sealing leaves. */
const SEALED = "evidence.sealed"

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
 * @returns Ciphertext digests by evidence id; of one that was sealed anew the latest.
 * @throws {IntegrityError} `audit_chain_broken`.
 */
export async function loggedSealings(auditDir: string): Promise<ReadonlyMap<string, string>> {
  const sealings = new Map<string, string>()
  for await (const { type, data } of readAuditEvents(auditDir)) {
    const { evidence, ciphertext } = data
    if (type === SEALED && typeof evidence === "string" && typeof ciphertext === "string") {
      sealings.set(evidence, ciphertext)
    }
  }
  return sealings
}
