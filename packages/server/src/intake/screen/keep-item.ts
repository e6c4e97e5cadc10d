/**
 * Keeps a picture that matched, before its verdict is sent: sealed, durable, and queued for a case.
 * @module
 */

import type { Clock, Fingerprint, JsonValue } from "@nightlight/core"
import { compact, matchableViews } from "@nightlight/core"
import { areTestCardsOnly, type Screening } from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault/seal"
import type { SealedEvidence } from "../../platform/evidence-store/sealed-evidence.ts"
import { accountKey } from "../findings/ingest-batch.ts"
import type { Intake } from "../findings/types.ts"

/** How much of a known item is kept: `custody` of the workspace's configuration. */
export interface Custody {
  readonly mode: "locate" | "seal"
  /** The legal basis for keeping sealed copies. */
  readonly basis: string | null
}

/** Dependencies of {@link keepItem}. */
export interface KeepItemDeps {
  readonly clock: Clock
  readonly digests: KeyedDigest
  readonly evidence: SealedEvidence
  readonly custody: Custody
  readonly intake: Pick<Intake, "knowsOwn" | "ingestOwn">
}

/** A picture that matched, and its sender. */
export interface MatchedPicture {
  /** Id of the calling key. */
  readonly actor: string
  readonly source: string
  readonly account: string | undefined
  readonly bytes: Uint8Array
  readonly fingerprint: Fingerprint
  readonly screening: Screening
}

/**
 * Seals a picture that matched and queues it; the same picture of the same account is kept once.
 *
 * @throws {DependencyError} if it could not be made durable; then no verdict is sent.
 */
export async function keepItem(deps: KeepItemDeps, picture: MatchedPicture): Promise<void> {
  const { digests, evidence, custody, intake, clock } = deps
  const { actor, source, account, bytes, fingerprint, screening } = picture
  const { sha256, sizeBytes, mediaType, kind } = fingerprint
  const findingId = digests.of("own-finding", JSON.stringify([source, account ?? null, sha256]))
  const keepsContent = custody.mode === "seal" || areTestCardsOnly(screening.matches)
  if (await intake.knowsOwn(source, findingId, keepsContent)) return
  const row = await evidence.put(
    compact({
      evidenceId: digests.of("own-evidence", findingId),
      provenance: provenanceOf(deps, picture, findingId),
      contentSha256: sha256,
      content: keepsContent ? bytes : undefined,
    }),
  )
  await intake.ingestOwn(
    actor,
    compact({
      findingId,
      source,
      accountKey: account === undefined ? undefined : accountKey(digests, source, account),
      decision: screening.verdict.decision,
      evidence: {
        id: row.evidenceId,
        ciphertextSha256: row.ciphertextSha256,
        content: row.custody === "sealed",
      },
      document: { scan: "", shard: "", ordinal: 0, sizeBytes, mediaType, kind, foundAt: clock.now().toISOString() },
    }),
  )
}

/** Facts for a later report, stored only sealed, in the same form as those of scans. */
function provenanceOf(
  { custody, clock }: KeepItemDeps,
  { account, fingerprint, screening }: MatchedPicture,
  finding: string,
): JsonValue {
  const { md5, sha1, sha256, picture } = fingerprint
  return {
    finding,
    account,
    custody: { mode: custody.mode, basis: custody.basis },
    screenedAt: clock.now().toISOString(),
    digests: { md5, sha1, sha256 },
    pdq: picture && matchableViews(picture),
    matches: screening.matches as unknown as JsonValue,
  }
}
