/**
 * Ownership of files that a host command writes in an installation with separate users: root wrote them, and the users
 * must read them.
 * @module
 */
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { Command } from "commander"
import type { Io } from "./io.ts"

/**
 * Gives the written files to the installation's users; does nothing unless root ran the command on such an
 * installation.
 */
export async function giveFilesToUsers(command: Command | undefined, io: Io): Promise<void> {
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
