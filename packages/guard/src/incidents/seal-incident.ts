/**
 * Seals a block's incidents to the workspace's recipients.
 * @module
 */

import type { Finding } from "@nightlight/contract"
import { compact } from "@nightlight/core"
import type { EvidenceRow, EvidenceStore, KeyedDigest } from "@nightlight/vault/seal"
import { digestExchange, exchangeStream } from "./exchange-content.ts"
import type { Incident } from "./incident.ts"
import type { BlockEvent } from "./ports.ts"
import { type Custody, provenanceOf } from "./provenance.ts"

/** The evidence store, the key of its digests, and the custody mode. */
export interface SealDeps {
  readonly evidence: Pick<EvidenceStore, "put">
  readonly keyed: KeyedDigest
  readonly custody: Custody
}

/** The sealed files of an incident. */
export interface SealedIncident {
  readonly evidence: NonNullable<Finding["evidence"]>
  /** Every sealed file, the incident's own first. */
  readonly rows: readonly EvidenceRow[]
}

/**
 * Seals an incident: its content where custody says so, its context in any case; test cards always whole. When it returns,
 * everything is on disk. Repeating it seals nothing twice.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`, `locked`; {IntegrityError} `evidence_digest_mismatch`.
 */
export async function sealIncident(
  { evidence, keyed, custody }: SealDeps,
  event: BlockEvent,
  incident: Incident,
): Promise<SealedIncident> {
  const keepsContent = custody.mode === "seal" || incident.isTest
  // A picture's incident points at its exchange, which is sealed once for all its pictures.
  const exchange = custody.mode === "seal" && incident.bytes !== undefined ? await sealExchange() : undefined
  const row = await evidence.put(
    compact({
      evidenceId: keyed.of("guard-evidence", incident.id),
      provenance: provenanceOf(event, incident, custody, exchange?.evidenceId),
      contentSha256: incident.sha256,
      content: keepsContent ? (incident.bytes ?? exchangeStream(event)) : undefined,
    }),
  )
  return {
    evidence: {
      id: row.evidenceId,
      ciphertextSha256: row.ciphertextSha256,
      sizeBytes: row.sizeBytes,
      content: row.custody === "sealed",
    },
    rows: exchange === undefined ? [row] : [row, exchange],
  }

  function sealExchange(): Promise<EvidenceRow> {
    const { sha256 } = digestExchange(event)
    return evidence.put({
      evidenceId: keyed.of("guard-exchange", JSON.stringify([event.exchange, sha256])),
      provenance: { exchange: event.exchange, screenedAt: event.at.toISOString(), model: event.model },
      contentSha256: sha256,
      content: exchangeStream(event),
    })
  }
}
