import { rename, rm } from "node:fs/promises"
import { IntegrityError } from "@nightlight/core"
import { syncDir } from "@nightlight/durable"
import type { KeyedDigest } from "../keys/digest-key.ts"
import { digestFile, type EvidencePaths, readTextIfAny } from "./files.ts"
import { type EvidenceRow, parseRow } from "./row.ts"

/**
 * Completes a put that was killed after its sealed file got its name, or removes what it left before that. The caller
 * holds the store's lock, so no other process is working on a pending row.
 */
export async function completeInterruptedPut(paths: EvidencePaths, keyedDigest: KeyedDigest): Promise<void> {
  const text = await readTextIfAny(paths.pending)
  if (text === undefined) return
  const row = parseRow(text, keyedDigest)
  const file = row === undefined ? undefined : await digestFile(paths.ciphertext)
  if (row !== undefined && file?.sha256 === row.ciphertextSha256) {
    await rename(paths.pending, paths.row)
    await syncDir(paths.folder)
  } else {
    await rm(paths.pending, { force: true })
  }
}

/**
 * Reads the row of a piece of evidence and digests its sealed file against it.
 *
 * @returns `undefined` if there is no such evidence.
 * @throws {IntegrityError} `evidence_digest_mismatch` if row or sealed file was altered.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function findWhole(paths: EvidencePaths, keyedDigest: KeyedDigest): Promise<EvidenceRow | undefined> {
  const text = await readTextIfAny(paths.row)
  if (text === undefined) return undefined
  const row = parseRow(text, keyedDigest)
  if (row === undefined || !paths.row.endsWith(`/${row.evidenceId}.json`)) throw mismatch("its row was altered")
  const file = await digestFile(paths.ciphertext)
  if (file === undefined) throw mismatch("the sealed file is gone")
  if (file.sha256 !== row.ciphertextSha256) throw mismatch("the sealed file was altered")
  return row
}

function mismatch(problem: string): IntegrityError {
  return new IntegrityError("evidence_digest_mismatch", `evidence is not what was sealed: ${problem}`, {
    hint: "Run `nightlight evidence verify` to see which, and look for an earlier copy.",
  })
}
