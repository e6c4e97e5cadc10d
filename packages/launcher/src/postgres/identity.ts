/**
 * As whom PostgreSQL runs. It refuses to run as root, so a root process runs it in a user namespace of its own, where
 * root's number reads as an ordinary one: its files stay root's and folders that only root may enter do not block it.
 * Where the system forbids such namespaces, it runs as a second OS user.
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

/** How the programs are run. */
export type Identity =
  /** As whoever runs this process. */
  | { readonly kind: "self" }
  /** Inside a user namespace in which this process's user reads as `insideUid`. */
  | { readonly kind: "mapped"; readonly insideUid: number }
  /**
   * As another OS user. `insideUid`: in a user namespace as well, where that user has no name, which `initdb` asks for.
   * `sockets`: where the socket lies, and whose group connects.
   */
  | ({
      readonly kind: "user"
      readonly insideUid?: number
      readonly sockets?: { readonly dir: string; readonly gid: number }
    } & Actor)

/** OS users that may run PostgreSQL for root, in order. Accounts that other services share are not among them. */
export const SERVICE_USERS = ["nightlight", "postgres"]

/** The search path of programs that come with the system, whatever the caller's own says. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

const PREFERRED_UID = 1000

interface PasswdEntry extends Actor {
  readonly name: string
}

/**
 * Chooses as whom PostgreSQL runs here.
 *
 * @param users - Names of OS users to fall back on; {@link SERVICE_USERS} unless given.
 * @throws {DependencyError} `unavailable` for root where the system offers neither way.
 */
export async function chooseIdentity(users: readonly string[] = SERVICE_USERS): Promise<Identity> {
  if (process.getuid?.() !== 0) return { kind: "self" }
  const passwd = await readPasswd()
  const insideUid = pickInsideUid(passwd)
  if (insideUid !== undefined && (await canMap(insideUid))) return { kind: "mapped", insideUid }
  return secondUser(passwd, users)
}

/**
 * As whom PostgreSQL runs on a folder: the user that the installation around it names for it, or {@link chooseIdentity}.
 *
 * @param root - The database's folder, in the data folder.
 * @throws {RequestError} `config_invalid` if the installation has users of its own and this process is not root.
 */
export async function identityFor(root: string): Promise<Identity> {
  const dataDir = dirname(resolve(root))
  const users = await readUsers(dataDir)
  if (users === undefined) return chooseIdentity()
  if (process.getuid?.() !== 0) {
    throw new RequestError("config_invalid", "this installation's processes run as users of their own", {
      hint: "Run the command as root.",
    })
  }
  const { name, uid, gid } = users.postgres
  const insideUid = name === null ? pickInsideUid(await readPasswd()) : undefined
  // Of several databases of a restore each has its own.
  const sockets = { dir: join(dataDir, "run", basename(resolve(root))), gid: users.server.gid }
  return compact({ kind: "user", uid, gid, sockets, insideUid })
}

/**
 * The OS user that runs PostgreSQL where user namespaces are forbidden.
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

/** The lines of the system's user file that have numbers in them. */
export async function readPasswd(): Promise<readonly PasswdEntry[]> {
  const text = await readFile("/etc/passwd", "utf8").catch(() => "")
  return text.split("\n").flatMap((line) => {
    const [name = "", , uid = "", gid = ""] = line.split(":")
    return /^\d+$/.test(uid) && /^\d+$/.test(gid) ? [{ name, uid: Number(uid), gid: Number(gid) }] : []
  })
}

/** `initdb` asks for its user's name, so the number must be one that the system can name. */
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

/** What stands before a command so that it runs under an identity. */
export function prefixOf(identity: Identity): readonly string[] {
  if (identity.kind === "self" || identity.insideUid === undefined) return []
  return ["unshare", "--user", `--map-user=${identity.insideUid}`, `--map-group=${identity.insideUid}`, "--"]
}

/**
 * Checks that the programs, run under an identity, can enter each folder they need.
 *
 * @throws {RequestError} `config_invalid`, naming the folder that blocks.
 */
export async function assertReachable(identity: Identity, folders: readonly string[]): Promise<void> {
  if (identity.kind === "self") return
  // A mapped process keeps its number on disk, but not root's privilege to pass everywhere.
  const actor = identity.kind === "mapped" ? { uid: 0, gid: 0 } : identity
  for (const folder of folders) {
    const blocking = await blockingFolder(folder, actor)
    if (blocking === undefined) continue
    throw new RequestError("config_invalid", `PostgreSQL cannot enter ${blocking}, which lies above its files`, {
      hint: "Run as the user who owns that folder, choose a data folder elsewhere, or set DATABASE_URL.",
    })
  }
}
