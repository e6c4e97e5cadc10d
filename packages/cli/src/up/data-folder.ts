/**
 * The data folder of an installation: a workspace, and what the processes add to it.
 * @module
 */
import { access, chmod, mkdir } from "node:fs/promises"
import { join } from "node:path"
import { inert } from "@nightlight/core"
import type { Io } from "../terminal/io.ts"
import { chooseNewPassphrase } from "../terminal/passphrase.ts"
import { PASSPHRASE_VARIABLE } from "../terminal/process-io.ts"
import type { Reporter } from "./reporter.ts"

/**
 * Makes the folder (0700) and, where a passphrase can be had, the workspace in it. Without one the service starts all
 * the same: nothing can be opened until `nightlight custodian init` made a key.
 *
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function ensureWorkspace(io: Io, dataDir: string, { note }: Reporter): Promise<void> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  await chmod(dataDir, 0o700)
  if (await exists(join(dataDir, "nightlight.yaml"))) return
  if (io.env[PASSPHRASE_VARIABLE] === undefined && !io.isTty) {
    note(
      "workspace.missing",
      `No keys yet: nobody gave a passphrase. Next: nightlight custodian init --data ${inert(dataDir)}`,
    )
    return
  }
  const { initWorkspace } = await import("@nightlight/dataset")
  const passphrase = await chooseNewPassphrase(io, io.isTty)
  await initWorkspace(dataDir, { custody: "locate", basis: null, custodians: [], passphrase })
  note("workspace.made", `A workspace is ready in ${inert(dataDir)}`)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
