/**
 * Changes a folder's files in place, for a purge.
 * @module
 */
import { createHash } from "node:crypto"
import { mkdir, readdir, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { DependencyError, hasCode } from "@nightlight/core"
import { holdLock, removeLeftLock } from "@nightlight/durable"
import { localOutput } from "../../output/local.ts"
import type { CleanOutput, ShardPlace } from "../../output/output.ts"
import { absolutePath } from "../../readers/paths.ts"
import type { DatasetEditor } from "../store.ts"
import { removeFile, replaceFile } from "./replace-files.ts"
import { assertFileUnchanged, assertNotReplaced } from "./unchanged.ts"

/** The editor of the files below a folder. @param root - Absolute real path. */
export function localEditor(root: string): DatasetEditor {
  return {
    claim: () => claimDataset(root),
    async removeLeftovers(workspaceKeyId) {
      await rm(stagingPath(root, workspaceKeyId), { recursive: true, force: true }).catch(() => undefined)
    },
    replacement: (workspaceKeyId) => replacement(root, stagingPath(root, workspaceKeyId)),
    removeEarlierVersions: async () => {},
    remove: async (file) => {
      // Other files of its shard are removed before it: somebody may have replaced it since it was digested.
      assertNotReplaced(root, file)
      await removeFile(absolutePath(root, file.path))
    },
  }
}

/** Two purges at once would each write counts without what the other removed. */
async function claimDataset(root: string): Promise<AsyncDisposable | undefined> {
  const rootDigest = createHash("sha256").update(root).digest("hex").slice(0, 16)
  const name = `.nightlight-purge-lock-${rootDigest}`
  try {
    const path = join(dirname(root), name)
    const lock = await holdLock(path, { timeoutMs: 0, lockedName: "the dataset", isTemporary: true })
    await removeLeftLocks(dirname(root), name)
    // One that cannot be released is taken over once this process has ended.
    return { [Symbol.asyncDispose]: () => lock.release().catch(() => undefined) }
  } catch (error) {
    if (hasCode(error, "locked")) throw error
    // Plain files can be removed without space or permission beside the dataset.
    return undefined
  }
}

/** Removes what processes that were killed while they released a lock left of it. What cannot be removed stays. */
async function removeLeftLocks(folder: string, name: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const left of names.filter((other) => other.startsWith(`${name}.`))) {
    await removeLeftLock(join(folder, left)).catch(() => undefined)
  }
}

/** The folder beside the source in which a shard is rewritten: on the same file system, so that a rename replaces it. */
const stagingPath = (root: string, workspaceKeyId: string) => join(dirname(root), `.nightlight-purge-${workspaceKeyId}`)

function replacement(root: string, staging: string): ShardPlace {
  return {
    async open(shard) {
      await makeStaging(staging)
      const staged = await localOutput(staging).open(shard)
      return {
        begin: (path) => staged.begin(path),
        existing: () => staged.existing(),
        openCopied: (path) => staged.openCopied(path),
        stampsOf: (written) => staged.stampsOf(written),
        async publish(written) {
          await staged.publish(written)
          // As late as can be: what another process wrote there meanwhile would be undone.
          for (const file of shard.listing.files) assertFileUnchanged(root, file)
          for (const { path } of written) await replaceFile(absolutePath(staging, path), absolutePath(root, path))
          return false
        },
        async [Symbol.asyncDispose]() {
          // What cannot be removed now, the next purge removes.
          await disposeQuietly(staged)
          await rm(staging, { recursive: true, force: true }).catch(() => undefined)
        },
      } satisfies CleanOutput
    },
  }
}

async function makeStaging(staging: string): Promise<void> {
  try {
    await rm(staging, { recursive: true, force: true })
    await mkdir(staging, { mode: 0o700 })
  } catch {
    throw new DependencyError("write_failed", "the folder that contains the dataset cannot be written", {
      hint: "A purged shard is written beside the dataset before it replaces the original: allow that for this command.",
    })
  }
}

/** Without an error that would hide why the shard could not be written. */
async function disposeQuietly(output: AsyncDisposable): Promise<void> {
  try {
    await output[Symbol.asyncDispose]()
  } catch {
    // Its folder is removed by whoever made it.
  }
}
