/**
 * The separate OS users of an installation's processes, named in a file of the data folder that only root can write.
 * @module
 */
import { lstat, open } from "node:fs/promises"
import { join } from "node:path"
import { IntegrityError, tryParseJson } from "@nightlight/core"
import { errnoOf, toReadError, writeFileAtomic } from "@nightlight/durable"
import { z } from "zod"

const Id = z.int().min(1).max(4_294_967_294)

const OsUser = z.strictObject({
  /** Name in the system's user file; `null` for an id without a name. */
  name: z.string().min(1).max(64).nullable(),
  uid: Id,
  gid: Id,
})

const UsersFile = z
  .strictObject({ version: z.literal(1), server: OsUser, custodian: OsUser, postgres: OsUser })
  .refine(({ server, custodian, postgres }) => {
    const users = [server, custodian, postgres]
    return [users.map(({ uid }) => uid), users.map(({ gid }) => gid)].every((ids) => new Set(ids).size === users.length)
  }, "expected three users and three groups")

/** One OS user and its group. */
export type OsUser = Readonly<z.infer<typeof OsUser>>

/** OS users by process; `server` also runs the worker. */
export type InstallationUsers = Readonly<Omit<z.infer<typeof UsersFile>, "version">>

const OTHERS_MAY_WRITE = 0o022

/** Path of the file in a data folder. */
export function usersPath(dataDir: string): string {
  return join(dataDir, "users.json")
}

/**
 * Reads the OS users of a data folder's processes.
 *
 * @returns `undefined` if all processes run as the user who starts them.
 * @throws {IntegrityError} `key_unusable` if the file is malformed or anybody but root can write it.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function readUsers(dataDir: string): Promise<InstallationUsers | undefined> {
  const handle = await open(usersPath(dataDir), "r").catch((error: unknown) => {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined
    throw toReadError(error, "the file of OS users")
  })
  if (handle === undefined) return undefined
  try {
    const [found, folder] = [await handle.stat(), await lstat(dataDir)]
    const isRoots = [found, folder].every(({ uid, mode }) => uid === 0 && (mode & OTHERS_MAY_WRITE) === 0)
    const parsed = UsersFile.safeParse(isRoots ? tryParseJson(await handle.readFile("utf8")) : undefined)
    if (!parsed.success) {
      throw new IntegrityError("key_unusable", "users.json of the data folder is not what `up --users` wrote", {
        hint: "Root owns it and the folder, and nobody else may write them. Remove it, and run nightlight up --users.",
      })
    }
    const { server, custodian, postgres } = parsed.data
    return { server, custodian, postgres }
  } finally {
    await handle.close()
  }
}

/** Writes the file. The caller must be root. */
export async function writeUsers(dataDir: string, users: InstallationUsers): Promise<void> {
  await writeFileAtomic(usersPath(dataDir), `${JSON.stringify({ version: 1, ...users })}\n`, 0o644)
}
