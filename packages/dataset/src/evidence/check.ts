/**
 * Whether what is sealed opens, and to what was sealed.
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
import type { Workspace } from "../workspace/open.ts"

/** What a verification of all evidence came to. */
export interface EvidenceReport {
  readonly checked: number
  readonly sound: number
  readonly broken: readonly { readonly evidenceId: string; readonly code: EvidenceFault }[]
}

/** Lists the rows of a workspace's evidence, by id. */
export async function listEvidence(workspace: Workspace): Promise<readonly EvidenceListing[]> {
  const { layout, manifest, keyed, clock } = workspace
  const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
  return Array.fromAsync(store.list())
}

/** Opens all evidence in memory and compares digests; recorded in the log. */
export async function verifyEvidence(
  workspace: Workspace,
  identities: readonly string[],
  watch: { readonly signal: AbortSignal; readonly onProgress?: (done: number, total: number) => void },
): Promise<EvidenceReport> {
  const { layout, keyed } = workspace
  const broken: { evidenceId: string; code: EvidenceFault }[] = []
  let checked = 0
  for await (const check of verifyStore(layout.evidence, identities, { keyedDigest: keyed, ...watch })) {
    checked++
    if (!check.ok) broken.push({ evidenceId: check.evidenceId, code: check.code })
  }
  await workspace.record("evidence.verified", { checked, broken: broken.length })
  return { checked, sound: checked - broken.length, broken }
}

/** Proves of each recipient that its key alone opens what is sealed; recorded in the log. */
export async function drillKeys(workspace: Workspace, identities: readonly string[]): Promise<readonly DrillResult[]> {
  const { layout, keyed, manifest } = workspace
  const results = await drill(manifest, identities, { evidence: { dir: layout.evidence, keyedDigest: keyed } })
  const proven = results.filter((result) => result.ok).length
  await workspace.record("keys.drilled", { recipients: results.length, proven })
  return results
}
