import { createHash } from "node:crypto"
import { open } from "node:fs/promises"
import { hasCode, RequestError } from "@nightlight/core"
import { toWriteError } from "@nightlight/durable"
import { openSnapshot } from "@nightlight/screening"
import type { Workspace } from "../workspace/workspace.ts"

const LINES_AT_ONCE = 4_096

/** A file of a list's hashes. */
export interface ListHashes {
  readonly list: string
  readonly hashes: number
  /** SHA-256 of the file; a filing authorisation names the snapshot by it. */
  readonly sha256: string
}

/**
 * Writes the SHA-1 and SHA-256 hashes of a list, one per line, sorted: the custodian matches automatic filings against
 * it.
 *
 * @param path - A new file (0600).
 * @throws {RequestError} `list_unknown`; `output_conflict` if the file exists.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function writeListHashes(workspace: Workspace, name: string, path: string): Promise<ListHashes> {
  await using opened = await openSnapshot({ listsDir: workspace.layout.lists, name }, workspace.verifier)
  const digest = createHash("sha256")
  let hashes = 0
  const lines: string[] = []
  const file = await open(path, "wx", 0o600).catch((error: unknown) => {
    if (hasCode(error, "EEXIST")) throw new RequestError("output_conflict", "a file of this name exists already")
    throw toWriteError(error, "the list's hashes")
  })
  const flush = async () => {
    const text = lines.join("")
    digest.update(text)
    await file.write(text)
    hashes += lines.length
    lines.length = 0
  }
  try {
    for (let ordinal = 0; ordinal < opened.entries.total; ordinal++) {
      const { hashType, hash } = opened.entries.entryAt(ordinal)
      if (hashType !== "sha1" && hashType !== "sha256") continue
      lines.push(`${hashType}:${hash}\n`)
      if (lines.length >= LINES_AT_ONCE) await flush()
    }
    await flush()
    await file.sync()
  } catch (error) {
    throw toWriteError(error, "the list's hashes")
  } finally {
    await file.close()
  }
  return { list: name, hashes, sha256: digest.digest("hex") }
}
