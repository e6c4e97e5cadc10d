import { IntegrityError, type Verifier } from "@nightlight/core"
import type { BuildIndexRequest } from "./build-request.ts"
import { type IndexDocument, readIndexDocument } from "./index-document.ts"
import { readRemoval } from "./removal.ts"
import type { Snapshot } from "./snapshot.ts"
import { remove, versionFolder, versionsIn } from "./versions.ts"

/**
 * Refuses lists that are older than in the existing index, or that vanished without a record of their removal. So write
 * access without the signing key does not suffice to hide a list, unless every index that has the list is deleted too:
 * that looks like an earlier state of the workspace.
 *
 * @throws {IntegrityError} `snapshot_untrusted`.
 */
export async function assertNoneRolledBack(
  { lists }: IndexDocument,
  snapshots: readonly Snapshot[],
  { listsDir, verifier }: { readonly listsDir: string; readonly verifier: Verifier },
): Promise<void> {
  const versions = new Map(snapshots.map(({ name, version }) => [name, version]))
  for (const { name, snapshot } of lists) {
    const version = versions.get(name)
    const removed = version === undefined ? await readRemoval(listsDir, name, verifier) : undefined
    if ((version ?? removed?.lastVersion ?? 0) >= snapshot) continue
    const found = version === undefined ? "the list is gone" : `the newest is version ${version}`
    throw new IntegrityError("snapshot_untrusted", `list ${name}: the index contains version ${snapshot}, but ${found}`)
  }
}

/**
 * Removes indexes that are no longer needed, and every index that contains a removed list or has an unreadable
 * document.
 */
export async function dropOldIndexes(
  { indexDir, keepVersions = 2, pinnedVersions = () => [] }: BuildIndexRequest,
  live: IndexDocument,
  verifier: Verifier,
): Promise<void> {
  const older = versionsIn(indexDir).filter((version) => version < live.version)
  const kept = new Set([...pinnedVersions(), ...older.slice(Math.max(0, older.length - Math.max(0, keepVersions - 1)))])
  const present = new Set(live.lists.map(({ name }) => name))
  for (const version of older) {
    if (kept.has(version) && (await holdsOnly(indexDir, version, { present, verifier }))) continue
    remove(versionFolder(indexDir, version))
  }
}

async function holdsOnly(
  indexDir: string,
  version: number,
  { present, verifier }: { readonly present: ReadonlySet<string>; readonly verifier: Verifier },
): Promise<boolean> {
  try {
    const { lists } = await readIndexDocument(indexDir, version, verifier)
    return lists.every(({ name }) => present.has(name))
  } catch {
    return false
  }
}
