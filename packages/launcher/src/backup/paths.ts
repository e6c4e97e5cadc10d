/**
 * Which files a backup may hold. Everything else of a data folder is left out when it is made, and refuses a backup that
 * holds it: no setting, no signal file, no link to another place, no state of replication.
 * @module
 */
import { IntegrityError } from "@nightlight/core"
import type { BackupFile } from "./format.ts"

/** Configurations that come along, for a machine that lost them; a restore leaves those in place as they are. */
export const CONFIGS = [
  "nightlight.yaml",
  "policy.yaml",
  "policy.tests.yaml",
  "server/server.yaml",
  "custodian/custodian.yaml",
]

/** The list of sealed evidence that lay beside the database. */
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

/** Whether a file of a cluster belongs into a backup; the name is relative to the cluster. */
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
 * @throws {IntegrityError} `backup_untrusted` if one is not a file that a backup holds, is there twice, or one is missing
 *   without which there is no database. `details.file` is its place in the list: a name may be anything.
 */
export function assertPaths(files: readonly BackupFile[]): void {
  const seen = new Set<string>()
  for (const [index, { path }] of files.entries()) {
    if (!isKnown(path)) throw refused("the backup holds a file that no backup holds", index)
    if (seen.has(path)) throw refused("the backup holds two files of one name", index)
    seen.add(path)
  }
  for (const needed of ["cluster/PG_VERSION", "cluster/global/pg_control", "cluster/backup_label", EVIDENCE_LIST]) {
    if (!seen.has(needed)) throw refused("the backup lacks a file that it needs", files.length)
  }
}

function refused(message: string, file: number): IntegrityError {
  return new IntegrityError("backup_untrusted", message, { details: { file } })
}
