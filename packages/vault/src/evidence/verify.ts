import { IntegrityError } from "@nightlight/core"
import type { KeyedDigest } from "../keys/digest-key.ts"
import { digestFile, evidencePaths, listIds, readTextIfAny } from "./files.ts"
import { type OpenFault, openEvidence } from "./opening.ts"
import { contentDigest, type EvidenceRow, parseRow } from "./row.ts"

/** Problems of a piece of evidence. */
export type EvidenceFault =
  /** The row was altered. */
  | "row_untrusted"
  /** There is a sealed file without a row. */
  | "row_missing"
  /** There is a row without a sealed file. */
  | "ciphertext_missing"
  /** The sealed file differs from the one that the row names. */
  | "ciphertext_changed"
  /** It opens, but content and row do not agree. */
  | "digest_mismatch"
  | OpenFault

/** Result for one piece of evidence. */
export type EvidenceCheck =
  | { readonly evidenceId: string; readonly ok: true }
  | { readonly evidenceId: string; readonly ok: false; readonly code: EvidenceFault }

/** Options of a verification. */
export interface VerifyEvidenceOptions {
  readonly keyedDigest: KeyedDigest
  readonly signal?: AbortSignal
  /** Called after each piece with the number of pieces done and the total. */
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Opens every piece of evidence of a folder in memory and compares content, header, sealed file and row. Writes
 * nothing. Evidence that is stored while it runs is not checked. Evidence that was removed together with its row leaves
 * no trace here: the audit log says what was once sealed.
 *
 * @param identities - `AGE-SECRET-KEY-1...`; those of revoked recipients are needed for evidence that was sealed only
 *   to them.
 * @returns One result for each, by id.
 * @throws {DependencyError} `source_unreadable` if the folder cannot be read.
 * @throws {RequestError} `key_malformed` if an identity is malformed.
 */
export async function* verifyEvidence(
  dir: string,
  identities: readonly string[],
  { keyedDigest, signal, onProgress }: VerifyEvidenceOptions,
): AsyncGenerator<EvidenceCheck, void, void> {
  const { age, json } = await listIds(dir)
  const ids = [...new Set([...age, ...json])].sort()
  let done = 0
  for (const evidenceId of ids) {
    signal?.throwIfAborted()
    const code = await check(dir, evidenceId, { identities, keyedDigest, signal })
    if (code === undefined) yield { evidenceId, ok: true }
    else if (!(await isRemoved(dir, evidenceId))) yield { evidenceId, ok: false, code }
    onProgress?.(++done, ids.length)
  }
}

/** Whether neither file nor row of a piece exists any more. */
async function isRemoved(dir: string, evidenceId: string): Promise<boolean> {
  const { row, ciphertext } = evidencePaths(dir, evidenceId)
  return (await readTextIfAny(row)) === undefined && (await digestFile(ciphertext)) === undefined
}

interface CheckDeps {
  readonly identities: readonly string[]
  readonly keyedDigest: KeyedDigest
  readonly signal: AbortSignal | undefined
}

async function check(dir: string, evidenceId: string, deps: CheckDeps): Promise<EvidenceFault | undefined> {
  const paths = evidencePaths(dir, evidenceId)
  const text = await readTextIfAny(paths.row)
  const row = text === undefined ? undefined : parseRow(text, deps.keyedDigest)
  if (text !== undefined && row?.evidenceId !== evidenceId) return "row_untrusted"
  const file = await digestFile(paths.ciphertext, deps.signal)
  if (file === undefined) return "ciphertext_missing"
  if (row?.ciphertextSha256 === file.sha256) return checkOpened(dir, row, deps)
  // A put that is ending, or was killed there: the sealed file has its name, its row not yet.
  const pending = parseRow((await readTextIfAny(paths.pending)) ?? "", deps.keyedDigest)
  if (pending?.evidenceId === evidenceId && pending.ciphertextSha256 === file.sha256) {
    return checkOpened(dir, pending, deps)
  }
  // Or it has ended since the row was read.
  if ((await readTextIfAny(paths.row)) !== text) return check(dir, evidenceId, deps)
  return row === undefined ? "row_missing" : "ciphertext_changed"
}

async function checkOpened(dir: string, row: EvidenceRow, deps: CheckDeps): Promise<EvidenceFault | undefined> {
  try {
    const { header, content } = await openEvidence(dir, row.evidenceId, deps.identities)
    let sizeBytes = 0
    for await (const chunk of content) {
      deps.signal?.throwIfAborted()
      sizeBytes += chunk.length
    }
    // Received files have nothing to compare with: it only matters that they open whole.
    const same =
      row.custody === "received" ||
      (contentDigest(deps.keyedDigest, header.contentSha256) === row.plaintextDigest &&
        sizeBytes === row.sizeBytes &&
        header.hasContent === (row.custody === "sealed"))
    return same ? undefined : "digest_mismatch"
  } catch (error) {
    const fault = error instanceof IntegrityError ? error.details["fault"] : undefined
    if (fault === undefined) throw error
    return fault as OpenFault
  }
}
