import { IntegrityError } from "@nightlight/core"
import type { KeyedDigest } from "../keys/digest-key.ts"
import { digestFile, evidencePaths, listIds, readTextIfAny } from "./files.ts"
import { type OpenFault, openEvidence } from "./opening.ts"
import { contentDigest, type EvidenceRow, parseRow } from "./row.ts"

/** What can be wrong with a piece of evidence. */
export type EvidenceFault =
  /** The row is not what was written. */
  | "row_untrusted"
  /** There is a sealed file, but no row says so. */
  | "row_missing"
  /** There is a row, but no sealed file. */
  | "ciphertext_missing"
  /** The sealed file is not the one the row speaks of. */
  | "ciphertext_changed"
  /** It opens, but content and row do not agree. */
  | "digest_mismatch"
  | OpenFault

/** What {@link verifyEvidence} found of one piece of evidence. */
export type EvidenceCheck =
  | { readonly evidenceId: string; readonly ok: true }
  | { readonly evidenceId: string; readonly ok: false; readonly code: EvidenceFault }

/** What {@link verifyEvidence} works with. */
export interface VerifyEvidenceOptions {
  readonly keyedDigest: KeyedDigest
  readonly signal?: AbortSignal
  /** Called after each piece with how many are done, of how many. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Opens every piece of evidence of a folder in memory and compares content, header, sealed file and row. Writes
 * nothing. What is put while it runs is not looked at.
 *
 * @param identities - `AGE-SECRET-KEY-1...`; those of revoked recipients are needed for what was sealed to them alone.
 * @returns One result for each, by id.
 * @throws {DependencyError} `source_unreadable` if the folder cannot be read.
 * @throws {RequestError} `key_malformed` if an identity is none.
 */
export async function* verifyEvidence(
  dir: string,
  identities: readonly string[],
  { keyedDigest, signal, onProgress }: VerifyEvidenceOptions,
): AsyncGenerator<EvidenceCheck, void, void> {
  const { age, json, pending } = await listIds(dir)
  const ids = [...new Set([...age, ...json])].filter((id) => json.includes(id) || !pending.includes(id)).sort()
  let done = 0
  for (const evidenceId of ids) {
    signal?.throwIfAborted()
    const code = await check(dir, evidenceId, { identities, keyedDigest, signal })
    yield code === undefined ? { evidenceId, ok: true } : { evidenceId, ok: false, code }
    onProgress?.(++done, ids.length)
  }
}

interface CheckDeps {
  readonly identities: readonly string[]
  readonly keyedDigest: KeyedDigest
  readonly signal: AbortSignal | undefined
}

async function check(dir: string, evidenceId: string, deps: CheckDeps): Promise<EvidenceFault | undefined> {
  const paths = evidencePaths(dir, evidenceId)
  const text = await readTextIfAny(paths.row)
  if (text === undefined) return "row_missing"
  const row = parseRow(text, deps.keyedDigest)
  if (row?.evidenceId !== evidenceId) return "row_untrusted"
  const file = await digestFile(paths.ciphertext, deps.signal)
  if (file === undefined) return "ciphertext_missing"
  if (file.sha256 !== row.ciphertextSha256 || file.sizeBytes !== row.ciphertextBytes) {
    // Content given for what was only located replaces file and row, one after the other.
    const now = await readTextIfAny(paths.row)
    return now === text ? "ciphertext_changed" : check(dir, evidenceId, deps)
  }
  return checkOpened(dir, row, deps)
}

async function checkOpened(dir: string, row: EvidenceRow, deps: CheckDeps): Promise<EvidenceFault | undefined> {
  try {
    const { header, content } = await openEvidence(dir, row.evidenceId, deps.identities)
    let sizeBytes = 0
    for await (const chunk of content) {
      deps.signal?.throwIfAborted()
      sizeBytes += chunk.length
    }
    const same =
      contentDigest(deps.keyedDigest, header.contentSha256) === row.plaintextDigest &&
      sizeBytes === row.sizeBytes &&
      header.hasContent === (row.custody === "sealed")
    return same ? undefined : "digest_mismatch"
  } catch (error) {
    const fault = error instanceof IntegrityError ? error.details["fault"] : undefined
    if (fault === undefined) throw error
    return fault as OpenFault
  }
}
