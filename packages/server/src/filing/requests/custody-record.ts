/**
 * The custody record of a case: every piece of evidence with its digests, and every event that touched it, in order,
 * each with its chain hash. With a signed checkpoint, anybody can check that none was changed or left out.
 * @module
 */
import { canonicalJson, compact, type JsonValue } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import type { CaseItem } from "../../casework/cases/types.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { newestCheckpoint } from "../../platform/events/checkpoint.ts"
import { readEvents } from "../../platform/events/read.ts"
import type { Preservation } from "../preservation/types.ts"

/** Contents of a case's custody record. */
export interface CustodySubject {
  readonly caseId: string
  readonly items: readonly CaseItem[]
  readonly evidence: readonly Preservation[]
  readonly reportIds: readonly string[]
}

/**
 * Returns canonical JSON of the format `nightlight-custody-record/1`: the case's items and evidence, every event about
 * the case, its reports and its evidence in the log's order, and the newest checkpoint.
 */
export async function toCustodyRecord(db: Kysely<Tables>, subject: CustodySubject, at: Date): Promise<string> {
  const { caseId, items: caseItems, evidence, reportIds } = subject
  const subjects = [caseId, ...reportIds, ...evidence.map(({ evidenceId }) => evidenceId)]
  const events: AuditEvent[] = []
  for (const about of subjects) events.push(...(await readEvents(db, { subject: about })))
  const checkpoint = await newestCheckpoint(db)
  return canonicalJson(
    compact({
      format: "nightlight-custody-record/1",
      caseId,
      writtenAt: at.toISOString(),
      items: caseItems.map(({ itemId, mediaType, sizeBytes, digests, evidence: sealed }) =>
        compact({
          itemId,
          mediaType,
          sizeBytes,
          digests,
          evidenceId: sealed?.evidenceId,
          ciphertextSha256: sealed?.ciphertextSha256,
          content: sealed?.content,
        }),
      ),
      evidence: evidence.map(({ evidenceId, state, reportId, lockedUntil, certificateId }) =>
        compact({
          evidenceId,
          state,
          reportId,
          lockedUntil: lockedUntil?.toISOString(),
          certificateId,
        }),
      ),
      events: events.toSorted((a, b) => a.seq - b.seq).map((event) => ({ ...event })) as unknown as JsonValue,
      checkpoint: checkpoint?.line,
    }),
  )
}
