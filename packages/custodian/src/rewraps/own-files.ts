/**
 * Files that are sealed only to the custodian's own key: credentials and receipts. After a rotation they get a header
 * for its present key.
 * @module
 */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import { rewrapFile } from "@nightlight/vault"

/** Their paths, and the recipient that they get. */
export interface OwnFiles {
  readonly root: string
  /** Folder of receipts. */
  readonly receipts: string
  readonly config: { readonly recipient: string }
}

/**
 * Rewraps, one after another and each in one step, every file that the present key does not open. Repeating it is safe.
 * A file that no key opens stays as it is.
 *
 * @param identities - The present one first.
 * @returns How many were rewrapped.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function resealOwnFiles(
  { root, receipts, config: { recipient } }: OwnFiles,
  identities: readonly string[],
): Promise<number> {
  const paths = [
    ...(await ageFiles(root, /^credentials-[a-z]+\.age$/)),
    ...(await ageFiles(receipts, /^[0-9a-f]{64}\.age$/)),
  ]
  const present = identities.slice(0, 1)
  let resealed = 0
  for (const path of paths) {
    const sealed = new Uint8Array(await readFile(path))
    if (await opens(sealed, present, recipient)) continue
    const next = await rewrapFile(sealed, identities, [recipient]).catch(ignoreUnopenable)
    if (next === undefined) continue
    await writeFileAtomic(path, next, 0o600)
    resealed++
  }
  return resealed
}

async function opens(sealed: Uint8Array, present: readonly string[], recipient: string): Promise<boolean> {
  return (await rewrapFile(sealed, present, [recipient]).catch(ignoreUnopenable)) !== undefined
}

function ignoreUnopenable(error: unknown): undefined {
  if (hasCode(error, "key_unusable") || hasCode(error, "evidence_digest_mismatch")) return undefined
  throw error
}

async function ageFiles(dir: string, name: RegExp): Promise<readonly string[]> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    throw error
  })
  return names.filter((found) => name.test(found)).map((found) => join(dir, found))
}
