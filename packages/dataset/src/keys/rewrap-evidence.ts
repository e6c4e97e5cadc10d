/**
 * Rewraps all evidence of a workspace for today's keys.
 * @module
 */
import { compact, type IntegrityErrorCode, NightlightError } from "@nightlight/core"
import { type HeaderMaker, isWrappedFor, openEvidenceStore } from "@nightlight/vault"
import { openAuditLog } from "@nightlight/vault/audit"
import { REWRAPPED, REWRAPPED_ALL } from "../evidence/logged.ts"
import type { Workspace } from "../workspace/workspace.ts"
import { recordedVersion, withKeyRotation } from "./one-rotation.ts"

/** The result of rewrapping all evidence. */
export interface RewrapReport {
  readonly recipientsVersion: number
  /** Files that got a new header. */
  readonly rewrapped: number
  /** Files that had today's keys already. */
  readonly current: number
  /** Files that stay under their old keys, with the reason. */
  readonly failed: readonly { readonly evidenceId: string; readonly code: IntegrityErrorCode | "state_conflict" }[]
}

/** Receives a rewrapping's progress. */
export interface RewrapWatch {
  readonly signal: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Gives every piece of evidence a header for today's recipients; payloads stay unchanged. Each new digest is logged
 * before the file has it. May be stopped or killed at any point and called again: it continues with what is left.
 *
 * @param makeHeader - Opens the old headers: the private halves themselves, or the custodian that has them.
 * @throws {DependencyError} `locked`; `disk_full`, `write_failed`: what was done so far is complete.
 * @throws {IntegrityError} `manifest_untrusted`, `audit_chain_broken`.
 */
export async function rewrapEvidence(
  workspace: Workspace,
  makeHeader: (fresh: Workspace) => HeaderMaker | Promise<HeaderMaker>,
  { signal, onProgress }: RewrapWatch,
): Promise<RewrapReport> {
  return withKeyRotation(workspace, async (fresh) => {
    await recordedVersion(fresh)
    const { layout, manifest, keyed, clock, signer, config } = fresh
    const { checkpointCopy } = config.audit
    const store = await openEvidenceStore(layout.evidence, { manifest, keyedDigest: keyed, clock })
    await using log = await openAuditLog(
      layout.audit,
      compact({
        signer,
        clock,
        checkpointCopy: checkpointCopy === null ? undefined : checkpointCopy,
      }),
    )
    const record = async (type: string, data: Record<string, string | number>): Promise<void> => {
      await log.append({ type, actor: "operator", data: { ...data, recipientsVersion: manifest.version } })
    }
    const options = {
      makeHeader: await makeHeader(fresh),
      record: ({ evidenceId, before, after }: { evidenceId: string; before: string; after: string }) =>
        record(REWRAPPED, { evidence: evidenceId, before, ciphertext: after }),
    }
    const ids: string[] = []
    const failed: { evidenceId: string; code: IntegrityErrorCode | "state_conflict" }[] = []
    let current = 0
    for await (const listing of store.list()) {
      if (!listing.ok) failed.push({ evidenceId: listing.evidenceId, code: "evidence_digest_mismatch" })
      else if (isWrappedFor(listing.row, manifest)) current++
      else ids.push(listing.row.evidenceId)
    }
    let rewrapped = 0
    for (const [position, evidenceId] of ids.entries()) {
      signal.throwIfAborted()
      try {
        if ((await store.rewrap(evidenceId, options)) !== undefined) rewrapped++
      } catch (error) {
        const code = ownFault(error)
        if (code === undefined) throw error
        failed.push({ evidenceId, code })
      }
      onProgress?.(position + 1, ids.length)
    }
    await record(REWRAPPED_ALL, { rewrapped, current, failed: failed.length })
    return { recipientsVersion: manifest.version, rewrapped, current, failed }
  })
}

/** A fault of this file alone; any other fault would meet the next file too. */
function ownFault(error: unknown): IntegrityErrorCode | "state_conflict" | undefined {
  if (!(error instanceof NightlightError)) return undefined
  const { code } = error
  return code === "evidence_digest_mismatch" || code === "key_unusable" || code === "state_conflict" ? code : undefined
}
