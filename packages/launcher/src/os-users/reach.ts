/**
 * Checks that users can read the programs that they run.
 * @module
 */
import { constants } from "node:fs"
import { realpath, stat } from "node:fs/promises"
import { dirname } from "node:path"
import { RequestError } from "@nightlight/core"
import { type Actor, blockingFolder } from "../postgres/blocking-folder.ts"

/**
 * Checks that a user can read each file, by permission bits.
 *
 * @throws {RequestError} `config_invalid`, naming the folder or file that blocks.
 */
export async function assertReadable(files: readonly string[], user: Actor & { readonly name: string }): Promise<void> {
  for (const file of files) {
    // Both the target of a link and the path to the link must be readable.
    const real = await realpath(file)
    const blocking =
      (await blockingFolder(dirname(file), user)) ??
      (await blockingFolder(dirname(real), user)) ??
      (await unread(real, user))
    if (blocking === undefined) continue
    throw new RequestError("config_invalid", `the user ${user.name} cannot enter or read ${blocking}`, {
      hint: "Install Nightlight where every user can read it, such as /opt/nightlight, or let others enter that folder.",
    })
  }
}

async function unread(file: string, { uid, gid }: Actor): Promise<string | undefined> {
  const found = await stat(file)
  const { S_IRUSR, S_IRGRP, S_IROTH } = constants
  const bit = found.uid === uid ? S_IRUSR : found.gid === gid ? S_IRGRP : S_IROTH
  return (found.mode & bit) === 0 ? file : undefined
}
