/**
 * Chooses the user that runs PostgreSQL, which refuses to run as root. A root process runs it in a user namespace that
 * maps root to an ordinary id: its files still belong to root, and folders that only root may enter do not block it. If
 * the system forbids such namespaces, it runs as a second OS user.
 * @module
 */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { basename, dirname, join, resolve } from "node:path"
import { promisify } from "node:util"
import { compact, DependencyError, RequestError } from "@nightlight/core"
import { readUsers } from "../os-users/users-file.ts"
import { type Actor, blockingFolder } from "./blocking-folder.ts"

const run = promisify(execFile)

/** The user that runs the programs. */
export type Identity =
  /** The user of this process. */
  | { readonly kind: "self" }
  /** A user namespace that maps this process's user to `insideUid`. */
  | { readonly kind: "mapped"; readonly insideUid: number }
  /**
   * Another OS user. `insideUid`: also in a user namespace, if that user has no name, which `initdb` needs. `sockets`:
   * the socket's folder, and the group that may connect.
   */
  | ({
      readonly kind: "user"
      readonly insideUid?: number
      readonly sockets?: { readonly dir: string; readonly gid: number }
    } & Actor)

/** OS users that may run PostgreSQL for root, in order. Accounts shared with other services are excluded. */
export const SERVICE_USERS = ["nightlight", "postgres"]

/** Search path of the system's programs, instead of the caller's own. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const PREFERRED_UID = 1000

interface PasswdEntry extends Actor {
  readonly name: string
}

/**
 * Chooses the user that runs PostgreSQL on this system.
 *
 * @param users - Names of OS users to fall back on.
 * @throws {DependencyError} `unavailable` for root if neither way works on this system.
 */
export async function chooseIdentity(users: readonly string[] = SERVICE_USERS): Promise<Identity> {
  if (process.getuid?.() !== 0) return { kind: "self" }
  const passwd = await readPasswd()
  const insideUid = pickInsideUid(passwd)
  if (insideUid !== undefined && (await canMap(insideUid))) return { kind: "mapped", insideUid }
  return secondUser(passwd, users)
}

/**
 * Chooses the user that runs PostgreSQL on a folder: the one named by the installation, or {@link chooseIdentity}.
 *
 * @param root - The database's folder, in the data folder.
 * @throws {RequestError} `config_invalid` if the installation has separate OS users and this process is not root.
 */
export async function identityFor(root: string): Promise<Identity> {
  const dataDir = dirname(resolve(root))
  const users = await readUsers(dataDir)
  if (users === undefined) return chooseIdentity()
  if (process.getuid?.() !== 0) {
    throw new RequestError("config_invalid", "this installation's processes run as separate OS users", {
      hint: "Run the command as root.",
    })
  }
  const { name, uid, gid } = users.postgres
  const insideUid = name === null ? pickInsideUid(await readPasswd()) : undefined
  // Each of a restore's databases has its own folder.
  const sockets = { dir: join(dataDir, "run", basename(resolve(root))), gid: users.server.gid }
  return compact({ kind: "user", uid, gid, sockets, insideUid })
}

/**
 * Chooses the OS user that runs PostgreSQL if user namespaces are forbidden.
 *
 * @throws {DependencyError} `unavailable` if the system has none of these users.
 */
export function secondUser(passwd: readonly PasswdEntry[], users: readonly string[]): Identity {
  for (const name of users) {
    const entry = passwd.find((candidate) => candidate.name === name && candidate.uid !== 0)
    if (entry !== undefined) return { kind: "user", uid: entry.uid, gid: entry.gid }
  }
  throw new DependencyError("unavailable", "PostgreSQL does not run as root, and the system has no user to run it as", {
    hint: "Run as an ordinary user, or run useradd --system nightlight, or set DATABASE_URL to another server.",
  })
}

/** Reads the system's user file, without malformed lines. */
export async function readPasswd(): Promise<readonly PasswdEntry[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "")
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":")
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

/** Picks an id with a name, because `initdb` looks up its user's name. */
function pickInsideUid(passwd: readonly PasswdEntry[]): number | undefined {
  const uids = passwd.map(({ uid }) => uid).filter((uid) => uid !== 0)
  return uids.includes(PREFERRED_UID) ? PREFERRED_UID : uids[0]
}

async function canMap(insideUid: number): Promise<boolean> {
  const [command, ...args] = prefixOf({ kind: "mapped", insideUid })
  if (command === undefined) return false
  try {
    await run(command, [...args, "true"], { env: { PATH: SYSTEM_PATH } })
    return true
  } catch {
    return false
  }
}

/** Arguments in front of a command that make it run under an identity. */
export function prefixOf(identity: Identity): readonly string[] {
  if (identity.kind === "self" || identity.insideUid === undefined) return []
  return ["unshare", "--user", `--map-user=${identity.insideUid}`, `--map-group=${identity.insideUid}`, "--"]
}

/**
 * Checks that the programs, run under an identity, can enter each folder that they need.
 *
 * @throws {RequestError} `config_invalid`, naming the folder that blocks.
 */
export async function assertReachable(identity: Identity, folders: readonly string[]): Promise<void> {
  if (identity.kind === "self") return
  // A mapped process keeps its id on disk, but not root's privilege to enter every folder.
  const actor = identity.kind === "mapped" ? { uid: 0, gid: 0 } : identity
  for (const folder of folders) {
    const blocking = await blockingFolder(folder, actor)
    if (blocking === undefined) continue
    throw new RequestError("config_invalid", `PostgreSQL cannot enter ${blocking}, which lies above its files`, {
      hint: "Run as the user who owns that folder, choose a data folder elsewhere, or set DATABASE_URL.",
    })
  }
}
