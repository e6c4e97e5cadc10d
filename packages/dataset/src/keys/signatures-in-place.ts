/**
 * Collects every signature in a workspace's documents: those that the previous key made before it was replaced.
 * @module
 */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { hasCode } from "@nightlight/core"
import { signatureDigest } from "@nightlight/vault"
import type { WorkspaceLayout } from "../workspace/layout.ts"

/** Form of a signature in the documents of the vault and of lists. */
const SIGNATURE = /"signature": ?"(?:([0-9a-f]{128})|([A-Za-z0-9+/]{86}==))"/g
/** Files signed line by line; other files of lines contain findings, and no signature. */
const SIGNED_LINES = /^(checkpoints|false-positives)\.ndjson$/

/** Digests of the signatures, unordered. @throws {DependencyError} as the file system says. */
export async function signaturesInPlace(layout: WorkspaceLayout): Promise<ReadonlySet<string>> {
  const { recipients, falsePositives, lists, index, scans, hunts, purges, audit } = layout
  const digests = new Set<string>()
  const take = async (path: string): Promise<void> => {
    const text = await readFile(path, "latin1").catch(ignoreMissing)
    for (const [, hex, base64] of (text ?? "").matchAll(SIGNATURE)) {
      digests.add(signatureDigest(hex === undefined ? Buffer.from(base64 ?? "", "base64") : Buffer.from(hex, "hex")))
    }
  }
  for (const path of [recipients, falsePositives]) await take(path)
  for (const folder of [lists, index, scans, hunts, purges, audit]) {
    for await (const path of filesBelow(folder)) await take(path)
  }
  return digests
}

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for (const entry of (await readdir(folder, { withFileTypes: true }).catch(ignoreMissing)) ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile() && (entry.name.endsWith(".json") || SIGNED_LINES.test(entry.name))) yield path
  }
}

function ignoreMissing(error: unknown): undefined {
  if (hasCode(error, "ENOENT")) return undefined
  throw error
}
