import { randomUUID } from "node:crypto"
import type { Clock } from "@nightlight/core"
import type { Kysely, Transaction } from "kysely"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import type { Jobs } from "../../platform/jobs/job.ts"
import { NEW_ROW } from "./ingest-batch.ts"
import { DOCUMENT_PURPOSE, documentKey, toKept } from "./kept-document.ts"
import { findKnown, insertReceived, updateReceived } from "./store.ts"
import { type OwnItem, VERIFY_FINDING } from "./types.ts"

/** Dependencies of {@link ingestOwn}. */
export interface IngestOwnDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly jobs: Jobs
}

/** Stores an item of our own screening and queues its verification, in one transaction and only once. */
export function ingestOwn(deps: IngestOwnDeps, actor: string, caseItem: OwnItem): Promise<void> {
  return transact(deps, actor, async ({ trx, record }) => {
    const added = await addNew(trx, deps, caseItem)
    const received = added ?? (await replaceOlder(trx, deps, caseItem))
    if (received === undefined) return
    const counts = { accepted: added === undefined ? 0 : 1, known: added === undefined ? 1 : 0 }
    const replaced = added === undefined ? 1 : 0
    record({
      type: "findings.received",
      subject: caseItem.source,
      data: { ...counts, replaced, refused: 0, unusual: 0 },
    })
    await deps.jobs.enqueue(trx, VERIFY_FINDING, { received }, { singletonKey: received })
  })
}

async function addNew(trx: Transaction<Tables>, deps: IngestOwnDeps, caseItem: OwnItem): Promise<string | undefined> {
  const { clock, contextKeys } = deps
  const { findingId, source, accountKey, decision, evidence, document } = caseItem
  const record_id = `received-${randomUUID()}`
  const at = clock.now()
  const added = await insertReceived(trx, [
    {
      ...NEW_ROW,
      record_id,
      source_id: source,
      finding_id: findingId,
      scan_key: "",
      origin: accountKey === undefined ? "direct" : "account",
      account_key: accountKey ?? null,
      decision,
      claims_match: true,
      evidence_id: evidence.id,
      ciphertext_sha256: evidence.ciphertextSha256,
      content: evidence.content,
      evidence_at: at,
      document: await contextKeys.seal(trx, documentKey(source), DOCUMENT_PURPOSE, toKept(document)),
      notes: [],
      state: "waiting",
      received_at: at,
    },
  ])
  return added.length > 0 ? record_id : undefined
}

/** The item was sealed again, now with content: it is verified again. */
async function replaceOlder(
  trx: Transaction<Tables>,
  deps: IngestOwnDeps,
  caseItem: OwnItem,
): Promise<string | undefined> {
  const { clock, contextKeys } = deps
  const { findingId, source, evidence, document } = caseItem
  const [row] = await findKnown(trx, source, [findingId])
  if (row === undefined || row.ciphertext_sha256 === evidence.ciphertextSha256) return undefined
  await updateReceived(trx, row.record_id, {
    ciphertext_sha256: evidence.ciphertextSha256,
    content: evidence.content,
    evidence_at: clock.now(),
    document: await contextKeys.seal(trx, documentKey(source), DOCUMENT_PURPOSE, toKept(document)),
    state: "waiting",
    code: null,
    tried_at: null,
  })
  return row.record_id
}
