import { RequestError } from "@nightlight/core"
import { isTaken, NewFile } from "@nightlight/durable"
import { diffSnapshots, openSnapshot } from "@nightlight/screening"
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
  let hashes = 0
  const lines: string[] = []
  await using file = await NewFile.create(path, { what: "the list's hashes" }).catch((error: unknown) => {
    if (!isTaken(error)) throw error
    throw new RequestError("output_conflict", "a file of this name exists already")
  })
  const flush = async () => {
    await file.write(Buffer.from(lines.join("")))
    hashes += lines.length
    lines.length = 0
  }
  for (const { hashType, hash } of diffSnapshots(undefined, opened)) {
    if (hashType !== "sha1" && hashType !== "sha256") continue
    lines.push(`${hashType}:${Buffer.from(hash).toString("hex")}\n`)
    if (lines.length >= LINES_AT_ONCE) await flush()
  }
  await flush()
  const { sha256 } = await file.finish()
  return { list: name, hashes, sha256 }
}
