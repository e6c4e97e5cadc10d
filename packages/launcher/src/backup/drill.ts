/**
 * Drills a backup: restores it into a temporary folder and checks the result.
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

/** The backup to drill, and its checks. */
export interface DrillOptions {
  readonly fromDir: string
  /** Data folder of the installation, whose evidence is compared. */
  readonly dataDir: string
  readonly trust: BackupTrust
  readonly unseal: Unseal
  readonly schema: Schema
  /** Checks the log and the counts of the restored database. */
  readonly check: (access: { readonly app: PoolConfig }) => Promise<{ readonly log: boolean; readonly counts: boolean }>
}

/** Result of a drill. */
export interface DrillReport {
  readonly backup: string
  readonly madeAt: string
  /** Whether every check passed. */
  readonly ok: boolean
  readonly events: number
  /** Always `true`: a catalogue that differs from the migrations throws. */
  readonly catalogue: true
  readonly log: boolean
  readonly counts: boolean
  readonly evidence: {
    readonly files: number
    /** Files that the backup lists and the folder lacks: destroyed since, or lost. */
    readonly missing: number
    /** Files whose bytes differ from their row. */
    readonly changed: number
  }
}

/**
 * Restores a backup into a scratch folder, starts PostgreSQL there on a private socket, checks it and removes the
 * folder. Remains of a killed drill are removed first.
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

/** Whether a sealed file has the digest in its row, the file beside it. Its size may have changed when keys rotated. */
async function fitsRow(dir: string, path: string): Promise<boolean> {
  const row = await readFile(join(dir, path.replace(/\.age$/, ".json")), "utf8").catch(() => undefined)
  if (row === undefined) return false
  const hash = createHash("sha256")
  for await (const chunk of createReadStream(join(dir, path))) hash.update(chunk as Buffer)
  return (JSON.parse(row) as { readonly ciphertextSha256?: unknown }).ciphertextSha256 === hash.digest("hex")
}
