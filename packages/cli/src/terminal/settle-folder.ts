/**
 * What a host command leaves in an installation whose processes are users of their own: root wrote it, and they are to
 * read it.
 * @module
 */
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Command } from "commander"
import type { Io } from "./io.ts"

/**
 * Gives what the command wrote to the installation's users; does nothing unless root gave the command, and its folder is
 * such an installation.
 *
 * @throws as `arrange` and `readUsers`.
 */
export async function settleFolder(command: Command | undefined, io: Io): Promise<void> {
  if (command === undefined || command.name() === "up" || process.getuid?.() !== 0) return
  const { data, workspace } = command.optsWithGlobals<{ data?: string; workspace?: string }>()
  const folders = new Set([data, workspace ?? io.env["NIGHTLIGHT_WORKSPACE"] ?? "."])
  for (const named of folders) {
    if (named === undefined) continue
    const dataDir = resolve(io.cwd, named)
    if (!existsSync(join(dataDir, "users.json"))) continue
    const { arrange, readUsers } = await import("@nightlight/launcher")
    const users = await readUsers(dataDir)
    if (users !== undefined) await arrange(dataDir, users)
  }
}
