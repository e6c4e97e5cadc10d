import { chmod, lchown, lstat, mkdir, mkdtemp, rm } from "node:fs/promises"
import { join } from "node:path"
import { RequestError } from "@nightlight/core"
import { ensureDirPrivate, toWriteError } from "@nightlight/durable"
import type { Identity } from "./identity.ts"
import { PORT } from "./settings.ts"

/** The longest path of a Unix socket that Linux takes; other systems take 103. */
export const SOCKET_PATH_BYTES = process.platform === "linux" ? 107 : 103

/** Where the socket goes when its place in the data folder has too long a path: short, on every Unix. */
const SHORT_PARENT = "/tmp"
const SHORT_NAME = /^\/tmp\/nightlight-pg-[A-Za-z0-9]{6}$/

/** Whether a socket in this folder has a path that the system takes. */
export function fitsSocket(dir: string): boolean {
  return Buffer.byteLength(join(dir, `.s.PGSQL.${PORT}`)) <= SOCKET_PATH_BYTES && !/[\r\n]/.test(dir)
}

/**
 * Makes the folder of the socket, 0700: the wanted one, or, where its path is too long for a socket, a new one with an
 * unguessable name below `/tmp`, so that nobody can have prepared it.
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
    await hand(dir, identity)
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
  await hand(made, identity)
  return made
}

/** Gives the folder to the user who runs the server; a socket in it then has the group of those who connect. */
async function hand(dir: string, identity: Identity): Promise<void> {
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
