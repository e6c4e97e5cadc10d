/**
 * Writes the units of systemd for an installation.
 * @module
 */
import { mkdir, writeFile } from "node:fs/promises"
import { dirname, join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { RequestError } from "@nightlight/core"
import { readConfig } from "@nightlight/custodian"
import { readServerConfig } from "@nightlight/server/config"
import { findConsole } from "./console.ts"
import { custodianDir, hasCustodian } from "./custodian.ts"
import { ENTRIES } from "./one-shot.ts"
import { systemdUnits } from "./systemd.ts"
import { usersOf } from "./users.ts"

/** Writes the units into a folder, replacing existing ones. */
export async function printSystemd(dataDir: string, folder: string): Promise<readonly string[]> {
  const users = await usersOf(dataDir)
  if (users === undefined) {
    throw new RequestError("state_conflict", "this data folder's processes do not run as separate users yet", {
      hint: "Run nightlight up --users on it once, as root.",
    })
  }
  const { config, paths } = await readServerConfig(join(dataDir, "server", "server.yaml"))
  const custodian = (await hasCustodian(dataDir))
    ? await readConfig(join(custodianDir(dataDir), "custodian.yaml"))
    : { journalCopy: null, checkpointCopy: null }
  const foldersOf = (files: readonly (string | null | undefined)[]) =>
    files.flatMap((file) => (typeof file === "string" ? [dirname(file)] : []))
  const units = systemdUnits({
    dataDir,
    users,
    node: process.execPath,
    consoleDir: await findConsole(),
    entries: { ...ENTRIES, custodian: fileURLToPath(import.meta.resolve("@nightlight/custodian/main")) },
    writes: {
      custodian: foldersOf([custodian.journalCopy, custodian.checkpointCopy]),
      server: config.checkpoints.copies.flatMap((copy) =>
        "folder" in copy ? [resolve(paths.configDir, copy.folder)] : [],
      ),
    },
  })
  await mkdir(folder, { recursive: true })
  for (const [name, text] of Object.entries(units)) await writeFile(join(folder, name), text, { mode: 0o644 })
  return Object.keys(units)
}
