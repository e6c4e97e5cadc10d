/**
 * Whom each part of a data folder belongs to where processes run as users of their own.
 *
 * Root owns what leads to the parts, so that no service can put another folder in the place of one. A service owns what
 * it writes. What two of them read says so by its group.
 * @module
 */
import { chmod, chown, lstat, mkdir, readdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { errnoOf, toWriteError } from "@nightlight/durable"
import { type Owning, type OwningOf, ownTree } from "./own-tree.ts"
import type { InstallationUsers, OsUser } from "./users-file.ts"

/** Folder of the custodian's socket: its own, entered by the server's group. */
export function custodianSocketFolder(dataDir: string): string {
  return join(dataDir, "run", "custodian")
}

/** How much is looked at. */
export interface ArrangeOptions {
  /**
   * Whether sealed files and the database's are looked at one by one: where the users are new. Else only if their folder
   * is not its user's yet.
   */
  readonly deep?: boolean
}

/** The workspace's folders. What else lies beside them (logs, databases set aside) is the supervisor's: root's. */
const WORKSPACE_FOLDERS = [
  "lists",
  "index",
  "audit",
  "scans",
  "hunts",
  "purges",
  "guard-incidents",
  "generations",
  "false-positives.ndjson.lock",
]
/** What the server reads of it and does not write. */
const WORKSPACE_FILES = /\.yaml$|^false-positives\.ndjson$/

/**
 * Gives each part to its user, with the permissions that the others' reading takes. The caller is root. Repeating it
 * changes nothing; one that was interrupted is finished by the next.
 *
 * @throws {DependencyError} `write_failed`.
 */
export async function arrange(
  dataDir: string,
  users: InstallationUsers,
  { deep = false }: ArrangeOptions = {},
): Promise<void> {
  const { server, custodian, postgres } = users
  try {
    await passage(dataDir)
    await passage(join(dataDir, "run"))
    await socketFolder(custodianSocketFolder(dataDir), custodian, server, 0o2750)
  } catch (error) {
    throw toWriteError(error, "the data folder's owner")
  }
  await ownTree(join(dataDir, "custodian"), privateTo(custodian))
  await ownTree(join(dataDir, "server"), serverFolderOf(join(dataDir, "server"), server))
  await ownTree(join(dataDir, "keys"), keysOf(join(dataDir, "keys"), server))
  await ownIfNew(join(dataDir, "evidence"), evidenceOf(server, custodian), { uid: server.uid, deep })
  await ownIfNew(join(dataDir, "postgres", "cluster"), databaseOf(postgres), { uid: postgres.uid, deep })
  for (const name of WORKSPACE_FOLDERS) await ownTree(join(dataDir, name), privateTo(server))
  for (const name of await readdir(dataDir)) {
    if (WORKSPACE_FILES.test(name)) await ownTree(join(dataDir, name), () => ({ uid: 0, gid: server.gid, mode: 0o640 }))
  }
}

/** A folder of root's that others pass through and cannot list. */
async function passage(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o711 })
  await chown(dir, 0, 0)
  await chmod(dir, 0o711)
}

/** A new socket in it has the group of those who connect. Its parent is root's, so its name is what it was. */
export async function socketFolder(dir: string, owner: OsUser, group: OsUser, mode: number): Promise<void> {
  await mkdir(dir, { mode: 0o700 }).catch((error: unknown) => {
    if (errnoOf(error) !== "EEXIST") throw error
  })
  const found = await lstat(dir)
  if (!found.isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" })
  if (found.uid !== owner.uid || found.gid !== group.gid) await chown(dir, owner.uid, group.gid)
  if ((found.mode & 0o7777) !== mode || found.gid !== group.gid || found.uid !== owner.uid) await chmod(dir, mode)
}

function privateTo({ uid, gid }: OsUser): OwningOf {
  return (_, kind) => ({ uid, gid, mode: kind === "folder" ? 0o700 : 0o600 })
}

/** The server reads its configuration and cannot change it; its keys are its own. */
function serverFolderOf(dir: string, { uid, gid }: OsUser): OwningOf {
  return (path, kind) => {
    if (path === dir) return { uid: 0, gid, mode: 0o750 }
    if (path === join(dir, "server.yaml")) return { uid: 0, gid, mode: 0o640 }
    return { uid, gid, mode: kind === "folder" ? 0o700 : 0o600 }
  }
}

/** What is read by server and custodian holds public keys alone. */
const PUBLIC = /\.pub$|^recipients\.json$/
/** What the server and its worker use. */
const SERVERS = /^(digest\.key|backup\.pem)$/

/** The workspace's signing key and protected private halves are for host commands: root's. */
function keysOf(dir: string, server: OsUser): OwningOf {
  const roots = (mode: number): Owning => ({ uid: 0, gid: 0, mode })
  return (path, kind) => {
    if (kind === "folder") return roots(path === dir ? 0o711 : 0o700)
    const name = dirname(path) === dir ? path.slice(dir.length + 1) : ""
    if (PUBLIC.test(name)) return roots(0o644)
    return SERVERS.test(name) ? { uid: server.uid, gid: server.gid, mode: 0o600 } : roots(0o600)
  }
}

/** The server writes; the custodian, by its group, reads. What lies in a folder of its own is the store's lock. */
function evidenceOf(server: OsUser, custodian: OsUser): (dir: string) => OwningOf {
  return (dir) => (path, kind) => {
    if (path === dir) return { uid: server.uid, gid: custodian.gid, mode: 0o2750 }
    if (kind === "folder") return { uid: server.uid, gid: server.gid, mode: 0o700 }
    return dirname(path) === dir && path.endsWith(".age")
      ? { uid: server.uid, gid: custodian.gid, mode: 0o640 }
      : { uid: server.uid, gid: server.gid, mode: 0o600 }
  }
}

function databaseOf(postgres: OsUser): (dir: string) => OwningOf {
  return () => privateTo(postgres)
}

async function ownIfNew(
  dir: string,
  owning: (dir: string) => OwningOf,
  { uid, deep }: { readonly uid: number; readonly deep: boolean },
): Promise<void> {
  const found = await lstat(dir).catch(() => undefined)
  if (found === undefined || (!deep && found.uid === uid)) return
  await ownTree(dir, owning(dir))
}
