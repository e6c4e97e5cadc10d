/**
 * Lists the files that a backup may contain. Other files of a data folder (settings, signal files, links, replication
 * state) are left out of a backup, and a backup with one is refused.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { BackupFile } from "./format.ts"

/** Configurations in a backup, for a machine that lost them. A restore does not overwrite existing ones. */
export const CONFIGS = [
  "nightlight.yaml",
  "policy.yaml",
  "policy.tests.yaml",
  "server/server.yaml",
  "custodian/custodian.yaml",
]

/** Name of the list of sealed evidence beside the database. */
export const EVIDENCE_LIST = "evidence.ndjson"

const CLUSTER = [
  /^PG_VERSION$/,
  /^backup_label$/,
  /^global\/(pg_control|pg_filenode\.map|[1-9]\d{0,9}(_(fsm|vm))?(\.[1-9]\d{0,5})?)$/,
  /^base\/[1-9]\d{0,9}\/(PG_VERSION|pg_filenode\.map|[1-9]\d{0,9}(_(fsm|vm|init))?(\.[1-9]\d{0,5})?)$/,
  /^pg_wal\/([0-9A-F]{24}|[0-9A-F]{8}\.history)$/,
  /^pg_(xact|commit_ts|multixact\/members|multixact\/offsets)\/[0-9A-F]{4,16}$/,
  /^pg_logical\/replorigin_checkpoint$/,
]

/** Whether a file of a cluster belongs in a backup. The name is relative to the cluster. */
export function isClusterFile(name: string): boolean {
  return CLUSTER.some((pattern) => pattern.test(name))
}

function isKnown(path: string): boolean {
  if (path.startsWith("cluster/")) return isClusterFile(path.slice("cluster/".length))
  return path === EVIDENCE_LIST || CONFIGS.some((name) => path === `config/${name}`)
}

/**
 * Checks the names of a backup's files.
 *
 * @throws {IntegrityError} `backup_untrusted` if a file is unknown or listed twice, or a necessary one is missing.
 *   `details.file` is its position in the list, because a name may be any text.
 */
export function assertPaths(files: readonly BackupFile[]): void {
  const seen = new Set<string>()
  for (const [index, { path }] of files.entries()) {
    if (!isKnown(path)) throw refused("the backup contains a file that is not allowed in a backup", index)
    if (seen.has(path)) throw refused("the backup lists a file twice", index)
    seen.add(path)
  }
  for (const needed of ["cluster/PG_VERSION", "cluster/global/pg_control", "cluster/backup_label", EVIDENCE_LIST]) {
    if (!seen.has(needed)) throw refused("the backup lacks a necessary file", files.length)
  }
}

function refused(message: string, file: number): IntegrityError {
  return new IntegrityError("backup_untrusted", message, { details: { file } })
}
