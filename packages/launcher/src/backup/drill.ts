/**
 * Restores a backup on trial, in a folder that is thrown away: a backup that was never restored is a hope.
 * @module
 */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readFile, stat } from "node:fs/promises"
import { join } from "node:path"
import type { PoolConfig } from "pg"
import { launch } from "../postgres/launch.ts"
import { openDatabase } from "./open-database.ts"
import type { BackupTrust, Schema, Unseal } from "./ports.ts"
import { readBackup } from "./read-backup.ts"
import { openDrillFolder } from "./scratch.ts"

/** What {@link drillBackup} takes. */
export interface DrillOptions {
  readonly fromDir: string
  /** Data folder of the installation: its evidence is compared. */
  readonly dataDir: string
  readonly trust: BackupTrust
  readonly unseal: Unseal
  readonly schema: Schema
  /** Looks at the restored database: its log and its counts. */
  readonly check: (access: { readonly app: PoolConfig }) => Promise<{ readonly log: boolean; readonly counts: boolean }>
}

/** What a drill found. */
export interface DrillReport {
  readonly backup: string
  readonly madeAt: string
  /** Whether all of it held. */
  readonly ok: boolean
  readonly events: number
  /** Roles, functions, triggers and the rest are as the migrations make them: else there is no report. */
  readonly catalogue: true
  readonly log: boolean
  readonly counts: boolean
  readonly evidence: {
    readonly files: number
    /** Listed by the backup and not there: destroyed since, or lost. */
    readonly missing: number
    /** There with other bytes than its row says. */
    readonly changed: number
  }
}

/**
 * Restores a backup into a scratch folder, starts PostgreSQL there on a private socket, looks, and removes the folder. What
 * a killed drill left is removed first.
 *
 * @throws {DependencyError} `locked` while another drill runs; else as `restoreBackup`.
 */
export async function drillBackup(options: DrillOptions): Promise<DrillReport> {
  const { fromDir, dataDir, trust, unseal, schema, check } = options
  const backup = await readBackup(fromDir, trust, unseal)
  await using folder = await openDrillFolder(dataDir)
  const { evidenceList } = await openDatabase(backup, folder.workDir, schema)
  const server = await launch({ dataDir: folder.workDir })
  try {
    await schema.migrate(server)
    const { log, counts } = await check(server)
    const evidence = await compareEvidence(join(dataDir, "evidence"), evidenceList)
    const ok = log && counts && evidence.changed === 0
    const { id, madeAt, events } = backup
    return { backup: id, madeAt, ok, events, catalogue: true, log, counts, evidence }
  } finally {
    await server.stop()
  }
}

/** Compares each listed sealed file with the digest in its row. */
async function compareEvidence(dir: string, list: string): Promise<DrillReport["evidence"]> {
  const paths = list
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { readonly path: string }).path)
    .filter((path) => path.endsWith(".age"))
  let [missing, changed] = [0, 0]
  for (const path of paths) {
    if ((await stat(join(dir, path)).catch(() => undefined)) === undefined) missing++
    else if (!(await fitsRow(dir, path))) changed++
  }
  return { files: paths.length, missing, changed }
}

/** Whether a sealed file has the digest that stands in its row beside it; its size may differ since keys turned. */
async function fitsRow(dir: string, path: string): Promise<boolean> {
  const row = await readFile(join(dir, path.replace(/\.age$/, ".json")), "utf8").catch(() => undefined)
  if (row === undefined) return false
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(join(dir, path))) hash.update(chunk as Buffer)
  return (JSON.parse(row) as { readonly ciphertextSha256?: unknown }).ciphertextSha256 === hash.digest("hex")
}
