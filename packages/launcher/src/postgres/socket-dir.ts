import { chmod, lchown, lstat, mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { ensureDirPrivate, toWriteError } from "@nightlight/durable"
import type { Identity } from "./identity.ts"
import { PORT } from "./settings.ts"

/** Maximum length of a Unix socket's path: 107 bytes on Linux, 103 on other systems. */
export const SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103

/** Parent of the socket's folder if the path in the data folder is too long. */
const SHORT_PARENT = "/tmp"
const SHORT_NAME = /^\/tmp\/nightlight-pg-[A-Za-z0-9]{6}$/

/** Whether the path of a socket in this folder is short enough for the system. */
export function fitsSocket(dir: string): boolean {
  return Buffer.byteLength(join(dir, `.s.PGSQL.${PORT}`)) <= SOCKET_PATH_BYTES && !/[\r\n]/.test(dir)
}

/**
 * Makes the socket's folder, 0700: the wanted one or, if its path is too long, a new one below `/tmp` with an
 * unguessable name, so that nobody can have prepared it.
 *
 * @param wanted - The folder in the data folder.
 * @param asked - The folder the caller insists on, if any.
 * @param identity - Who runs the server; its folder is theirs.
 * @throws {RequestError} `config_invalid` if `asked` is too long for a socket.
 */
export async function makeSocketDir(
  wanted: string,
  asked?: string,
  identity: Identity = { kind: "self" },
): Promise<string> {
  const dir = asked ?? wanted
  if (fitsSocket(dir)) {
    if (identity.kind === "user" && identity.sockets !== undefined) await mkdir(dir, { recursive: true, mode: 0o700 })
    else await ensureDirPrivate(dir)
    await giveToUser(dir, identity)
    return dir
  }
  if (asked !== undefined) {
    throw new RequestError("config_invalid", "the run folder's path is too long for a socket", {
      details: { limitBytes: SOCKET_PATH_BYTES },
    })
  }
  const made = await mkdtemp(join(SHORT_PARENT, "nightlight-pg-")).catch((error: unknown) => {
    throw toWriteError(error, "a folder for the database's socket")
  })
  await giveToUser(made, identity)
  return made
}

/** Gives the folder to the user who runs the server. A socket in it gets the group of those who may connect. */
async function giveToUser(dir: string, identity: Identity): Promise<void> {
  if (identity.kind !== "user") return
  await lchown(dir, identity.uid, identity.sockets?.gid ?? identity.gid)
  if (identity.sockets !== undefined) await chmod(dir, 0o2710)
}

/** Removes a folder that {@link makeSocketDir} made below `/tmp`, after a stop or a crash; leaves any other. */
export async function removeShortSocketDir(dir: string): Promise<void> {
  if (!SHORT_NAME.test(dir)) return
  const found = await lstat(dir).catch(() => undefined)
  const mine = found?.isDirectory() === true && (process.getuid?.() === 0 || found.uid === process.getuid?.())
  if (mine) await rm(dir, { recursive: true, force: true })
}
