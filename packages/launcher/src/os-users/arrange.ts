/**
 * Sets the owners of a data folder's parts in an installation with separate OS users.
 *
 * Root owns the folders above the parts, so that no service can replace a part. A service owns what it writes. Files
 * that two services read have a common group.
 * @module
 */
import { chmod, chown, lstat, mkdir, readdir } from "node:fs/promises"
import { basename, dirname, join } from "node:path"
import { errnoOf, toWriteError } from "@nightlight/durable"
import { type Owning, type OwningOf, ownTree } from "./own-tree.ts"
import type { InstallationUsers, OsUser } from "./users-file.ts"

/** Folder of the custodian's socket: owned by the custodian, entered by the server's group. */
export function custodianSocketFolder(dataDir: string): string {
  return join(dataDir, "run", "custodian")
}

/** Thoroughness of {@link arrange}. */
export interface ArrangeOptions {
  /**
   * Whether to check every sealed file and every database file, for new users. Otherwise they are checked only if their
   * folder does not belong to its user yet.
   */
  readonly deep?: boolean
}

/** The workspace's folders. Everything else (logs, databases moved aside) belongs to the supervisor, root. */
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
/** Files that the server reads and must not write. */
const WORKSPACE_FILES = /\.yaml$|^false-positives\.ndjson$/

/**
 * Gives each part to its user, with permissions for the users that read it. The caller must be root. Repeating it
 * changes nothing, and finishes an interrupted call.
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

/** Makes a folder of root that others may pass through but not list. */
async function passage(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o711 })
  await chown(dir, 0, 0)
  await chmod(dir, 0o711)
}

/**
 * Sets up a socket's folder so that new sockets get the group of those who connect. Root owns its parent, so nobody can
 * replace it.
 */
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

/** Files with public keys alone, read by server and custodian. */
const PUBLIC = /\.pub$|^recipients\.json$/
/** Keys that the server and its worker use. */
const SERVERS = /^(digest\.key|backup\.pem)$/

/**
 * Owners in the keys folder. Root owns the signing key and the protected private keys, which only host commands use.
 */
function keysOf(dir: string, server: OsUser): OwningOf {
  const roots = (mode: number): Owning => ({ uid: 0, gid: 0, mode })
  return (path, kind) => {
    if (kind === "folder") return roots(path === dir ? 0o711 : 0o700)
    const name = dirname(path) === dir ? path.slice(dir.length + 1) : ""
    if (PUBLIC.test(name)) return roots(0o644)
    return SERVERS.test(name) ? { uid: server.uid, gid: server.gid, mode: 0o600 } : roots(0o600)
  }
}

/**
 * Owners in the evidence folder: the server writes, the custodian reads by its group. Sealed files are in subfolders; a
 * hidden folder is the store's lock.
 */
function evidenceOf(server: OsUser, custodian: OsUser): (dir: string) => OwningOf {
  return (dir) => (path, kind) => {
    if (path === dir) return { uid: server.uid, gid: custodian.gid, mode: 0o2750 }
    if (kind === "folder" && dirname(path) === dir && !basename(path).startsWith(".")) {
      return { uid: server.uid, gid: custodian.gid, mode: 0o750 }
    }
    if (kind === "folder") return { uid: server.uid, gid: server.gid, mode: 0o700 }
    return dirname(dirname(path)) === dir && path.endsWith(".age")
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
