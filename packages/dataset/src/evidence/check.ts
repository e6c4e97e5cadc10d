/**
 * Verifies that sealed evidence opens, to the content that was sealed.
 * @module
 */
import {
  type DrillResult,
  drill,
  type EvidenceFault,
  type EvidenceListing,
  openEvidenceStore,
  verifyEvidence as verifyStore,
} from "@nightlight/vault"
import type { Workspace } from "../workspace/workspace.ts"
import { loggedSealings } from "./logged.ts"

/** Problems of evidence; only the log reveals the last two. */
export type EvidenceProblem =
  | EvidenceFault
  /** The log says that it was sealed, and it is gone together with its row. */
  | "evidence_missing"
  /** It is not the file that the log says was sealed. */
  | "log_differs"

/** The result of verifying all evidence. */
export interface EvidenceReport {
  readonly checked: number
  readonly sound: number
  readonly broken: readonly { readonly evidenceId: string; readonly code: EvidenceProblem }[]
}

/** Lists the rows of a workspace's evidence, by id. */
export async function listEvidence(workspace: Workspace): Promise<readonly EvidenceListing[]> {
  const { layout, manifest, keyed, clock } = workspace
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  return Array.fromAsync(store.list())
}

/**
 * Opens all evidence in memory, compares digests, and compares the evidence with what the log says was sealed; recorded
 * in the log.
 *
 * @throws {IntegrityError} `audit_chain_broken`.
 */
export async function verifyEvidence(
  workspace: Workspace,
  identities: readonly string[],
  watch: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<EvidenceReport> {
  const { layout, keyed } = workspace
  const broken: { evidenceId: string; code: EvidenceProblem }[] = []
  let checked = 0
  for await (const check of verifyStore(layout.evidence, identities, { keyedDigest: keyed, ...watch })) {
    checked++
    if (!check.ok) broken.push({ evidenceId: check.evidenceId, code: check.code })
  }
  const there = new Map<string, string>()
  for (const listing of await listEvidence(workspace)) {
    if (listing.ok) there.set(listing.row.evidenceId, listing.row.ciphertextSha256)
  }
  for (const [evidenceId, ciphertexts] of await loggedSealings(layout.audit)) {
    if (broken.some((known) => known.evidenceId === evidenceId)) continue
    const found = there.get(evidenceId)
    if (found === undefined) broken.push({ evidenceId, code: "evidence_missing" })
    else if (!ciphertexts.includes(found)) broken.push({ evidenceId, code: "log_differs" })
  }
  await workspace.record("evidence.verified", { checked, broken: broken.length })
  const missing = broken.filter(({ code }) => code === "evidence_missing").length
  return { checked, sound: checked - (broken.length - missing), broken }
}

/** Proves for each recipient that its key alone opens the evidence; recorded in the log. */
export async function drillKeys(workspace: Workspace, identities: readonly string[]): Promise<readonly DrillResult[]> {
  const { layout, keyed, manifest } = workspace
  const results = await drill(manifest, identities, { evidence: { dir: layout.evidence, keyedDigest: keyed } })
  const proven = results.filter((result) => result.ok).length
  await workspace.record("keys.drilled", { recipients: results.length, proven })
  return results
}
