/**
 * What each shard wrote to the clean copy: keyed digests of the paths, with size and version of each file. By it a later run
 * knows which files are still as they were written, and which to remove when their shard is replaced. No name is kept.
 * @module
 */
import { readFileSync } from "node:fs"
import { hasCode } from "@nightlight/core"
import { writeFileAtomic } from "@nightlight/durable"
import type { KeyedDigest } from "@nightlight/vault"
import type { CopiedFile, FileStamp } from "../output/copied-files.ts"
import type { ScanFolder } from "./scan-folder.ts"

/** Enough that no two paths of a dataset share them. */
const DIGITS = 32

/** Names a file of the copy without its name. */
export function copiedKey(keyed: KeyedDigest, path: Buffer): string {
  return keyed.of("copied", path.toString("latin1")).slice(0, DIGITS)
}

/** Stamps by the key of each file. */
export type CopiedStamps = ReadonlyMap<string, FileStamp>

/** Writes what a shard is about to publish. @throws {DependencyError} `disk_full`, `write_failed`. */
export async function writeCopied(path: string, files: readonly CopiedFile[], keyed: KeyedDigest): Promise<void> {
  const lines = files.map((file) => `${copiedKey(keyed, file.path)} ${file.sizeBytes} ${file.version}\n`)
  await writeFileAtomic(path, lines.join(""), 0o600)
}

const LINE = /^([0-9a-f]{32}) (\d+) (\S+)$/

/** Reads what a shard published; undefined where nothing is known of it, or what is known is damaged. */
export function readCopied(folder: ScanFolder, shard: string): CopiedStamps | undefined {
  const stamps = new Map<string, FileStamp>()
  for (const line of textOf(folder.copiedBy(shard)).split("\n").slice(0, -1)) {
    const [, key = "", sizeBytes, version = ""] = LINE.exec(line) ?? []
    if (key === "") return undefined
    stamps.set(key, { sizeBytes: Number(sizeBytes), version })
  }
  return stamps
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if (hasCode(error, "ENOENT")) return ""
    throw error
  }
}
