/**
 * Stores one batch of checked findings in the database, in one transaction.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { Finding } from "@nightlight/contract"
import type { FindingLine } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault/seal"
import type { Kysely, Transaction } from "kysely"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { transact } from "../../platform/events/transact.ts"
import type { CheckedLine } from "./check-line.ts"
import { DOCUMENT_PURPOSE, documentKey, toKept } from "./kept-document.ts"
import { findKnown, insertReceived, type ReceivedRow, updateReceived } from "./store.ts"

/** Dependencies of {@link ingestBatch}. */
export interface IngestBatchDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly digests: KeyedDigest
}

/** Checked findings of one call. */
export interface Batch {
  /** Id of the key that pushes. */
  readonly actor: string
  readonly source: string
  readonly lines: readonly { readonly number: number; readonly checked: CheckedLine }[]
}

type Accepted = Extract<CheckedLine, { ok: true }>

/** Stores the new findings of a batch, and returns the outcome of each line. */
export function ingestBatch(deps: IngestBatchDeps, { actor, source, lines }: Batch): Promise<readonly FindingLine[]> {
  const sound = lines.flatMap(({ checked }) => (checked.ok ? [checked] : []))
  return transact(deps, actor, async ({ trx, record }) => {
    const ids = [...new Set(sound.map(({ finding }) => finding.id))].sort()
    const known = new Map((await findKnown(trx, source, ids)).map((row) => [row.finding_id, row]))
    const fresh = new Map(sound.toReversed().map((line) => [line.finding.id, line]))
    for (const id of known.keys()) fresh.delete(id)
    const rows = new Map((await toRows(trx, deps, source, [...fresh.values()])).map((row) => [row.finding_id, row]))
    // Always in the same order, so that two calls with the same findings do not lock each other out.
    const inOrder = [...rows.values()].sort((a, b) => (a.finding_id < b.finding_id ? -1 : 1))
    const added = new Set(await insertReceived(trx, inOrder))
    let replaced = 0
    for (const { finding } of sound) {
      const row = known.get(finding.id)
      if (row === undefined || !bringsMore(row, finding)) continue
      known.set(finding.id, await replaceEvidence(trx, deps, { row, finding }))
      replaced++
    }
    const unreported = new Set(added)
    const answers = lines.map(({ number, checked }): FindingLine => {
      if (!checked.ok) return { line: number, status: "refused", code: checked.code }
      const { id } = checked.finding
      const wants = missingEvidenceOf(known.get(id) ?? rows.get(id))
      // By then, the second line of the same finding in one call is known.
      return compact({
        line: number,
        status: unreported.delete(id) ? "accepted" : "known",
        wants,
      })
    })
    const refused = lines.length - sound.length
    // A finding that was known already changes nothing.
    if (added.size + replaced + refused === 0) return answers
    record({
      type: "findings.received",
      subject: source,
      data: {
        accepted: added.size,
        known: sound.length - added.size,
        replaced,
        refused,
        unusual: sound.filter(({ notes }) => notes.length > 0).length,
      },
    })
    return answers
  })
}

/** Digest of the sealed file that a finding is still waiting for. */
export function missingEvidenceOf(
  row: Pick<ReceivedRow, "state" | "ciphertext_sha256" | "evidence_at"> | undefined,
): string | undefined {
  if (row === undefined || row.state !== "waiting" || row.evidence_at !== null) return undefined
  return row.ciphertext_sha256 ?? undefined
}

async function toRows(
  trx: Transaction<Tables>,
  { clock, contextKeys, digests }: IngestBatchDeps,
  source: string,
  lines: readonly Accepted[],
): Promise<readonly ReceivedRow[]> {
  const documents = await contextKeys.sealAll(
    trx,
    documentKey(source),
    DOCUMENT_PURPOSE,
    lines.map(({ finding }) => toKept(finding)),
  )
  return lines.map(({ finding, origin, notes }, position) => {
    const { evidence } = finding
    return {
      ...NEW_ROW,
      record_id: `received-${randomUUID()}`,
      source_id: source,
      finding_id: finding.id,
      scan_key: scanKey(digests, source, finding.scan),
      origin: origin.kind,
      account_key: origin.kind === "account" ? accountKey(digests, source, origin.account) : null,
      decision: finding.decision,
      claims_match: finding.matches.length > 0,
      evidence_id: evidence?.id ?? null,
      ciphertext_sha256: evidence?.ciphertextSha256 ?? null,
      content: evidence?.content ?? null,
      document: documents[position] ?? null,
      notes: [...notes],
      state: evidence === undefined ? "kept" : "waiting",
      received_at: clock.now(),
    }
  })
}

/** Initial values of every row. */
export const NEW_ROW = {
  origin: "dataset",
  account_key: null,
  evidence_id: null,
  ciphertext_sha256: null,
  replaces: null,
  content: null,
  evidence_at: null,
  code: null,
  tried_at: null,
  index_version: null,
  settled_at: null,
  case_id: null,
  item_id: null,
  test_only: null,
} as const

/** The keyed digest of an end user's account, different for each source. */
export function accountKey(digests: KeyedDigest, source: string, account: string): string {
  return digests.of("account", JSON.stringify([source, account]))
}

/** The keyed digest of a source's scan. */
export function scanKey(digests: KeyedDigest, source: string, scan: string): string {
  return digests.of("received-scan", `${source}\n${scan}`)
}

/** Whether a known finding brings better evidence than there is: any at all, or content for the first time. */
function bringsMore(row: ReceivedRow, { evidence }: Finding): boolean {
  if (evidence === undefined || evidence.ciphertextSha256 === row.ciphertext_sha256) return false
  if (row.evidence_at === null || row.state === "refused") return true
  return evidence.content && row.content === false
}

async function replaceEvidence(
  trx: Transaction<Tables>,
  { contextKeys }: IngestBatchDeps,
  { row, finding }: { readonly row: ReceivedRow; readonly finding: Finding },
): Promise<ReceivedRow> {
  const { evidence } = finding
  const changes = {
    evidence_id: evidence?.id ?? null,
    ciphertext_sha256: evidence?.ciphertextSha256 ?? null,
    content: evidence?.content ?? null,
    replaces: row.evidence_at === null ? row.replaces : row.ciphertext_sha256,
    evidence_at: null,
    document: await contextKeys.seal(trx, documentKey(row.source_id), DOCUMENT_PURPOSE, toKept(finding)),
    state: "waiting",
    code: null,
    tried_at: null,
  } as const
  await updateReceived(trx, row.record_id, changes)
  return { ...row, ...changes }
}
