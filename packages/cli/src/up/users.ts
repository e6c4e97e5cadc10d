/**
 * Separate OS users for the processes of an installation.
 * @module
 */
import { mkdir } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { DependencyError, RequestError } from "@nightlight/core"
import {
  areLinksProtected,
  arrange,
  assertReadable,
  custodianSocketFolder,
  type InstallationUsers,
  makeUsers,
  readUsers,
  writeUsers,
} from "@nightlight/launcher"

/** The users, and those that this start created. */
export interface PreparedUsers extends InstallationUsers {
  readonly created: readonly string[]
}

/** Longest path of a socket that every Unix takes, bytes. */
const SOCKET_PATH_BYTES = 100

/** Where the custodian of such an installation listens. */
export function sharedSocket(dataDir: string): string {
  return join(custodianSocketFolder(dataDir), "custodian.sock")
}

/** The users of an installation; `undefined` where all processes have one user. */
export async function usersOf(dataDir: string): Promise<InstallationUsers | undefined> {
  const users = await readUsers(dataDir)
  if (users !== undefined) assertRoot("this installation's processes run as separate OS users")
  return users
}

/**
 * Determines the users, creates missing ones, and gives each part of the folder to its user. The caller holds the
 * folder's lock.
 */
export async function prepareUsers(dataDir: string, wanted: boolean): Promise<PreparedUsers | undefined> {
  const known = await usersOf(dataDir)
  if (known === undefined && !wanted) return undefined
  assertRoot("--users starts each process as another user")
  if (Buffer.byteLength(sharedSocket(dataDir)) > SOCKET_PATH_BYTES) {
    throw new RequestError("config_invalid", "the data folder's path is too long for the custodian's socket", {
      hint: `Choose one of at most ${SOCKET_PATH_BYTES - Buffer.byteLength("/run/custodian/custodian.sock")} bytes.`,
    })
  }
  if (!(await areLinksProtected())) {
    throw new RequestError("config_invalid", "this system lets users make hard links to files that they do not own", {
      hint: "Correct this: sysctl -w fs.protected_hardlinks=1.",
    })
  }
  await mkdir(dataDir, { recursive: true, mode: 0o711 })
  const { users, created } = known === undefined ? await makeUsers() : { users: known, created: [] }
  await assertReached(dirname(dataDir), users)
  await arrange(dataDir, users, { deep: known === undefined })
  // Last: until it exists, the next start repeats everything.
  if (known === undefined) await writeUsers(dataDir, users)
  return { ...users, created }
}

async function assertReached(parent: string, { server, custodian, postgres }: InstallationUsers): Promise<void> {
  const module = (name: string) => fileURLToPath(import.meta.resolve(name))
  const programs = ["@nightlight/server/server-main", "@nightlight/custodian/main", "@nightlight/core"].map(module)
  for (const user of [server, custodian]) {
    await assertReadable([process.execPath, ...programs], { ...user, name: user.name ?? String(user.uid) })
  }
  for (const user of [server, custodian, postgres]) {
    await assertReadable([parent], { ...user, name: user.name ?? String(user.uid) })
  }
}

/** Asserts that this process can start others as other users. */
export function assertRoot(why: string): void {
  if (process.platform !== "linux") throw new DependencyError("unavailable", "separate OS users need Linux")
  if (process.getuid?.() === 0) return
  throw new RequestError("config_invalid", `${why}, which needs root`, { hint: "Run the command as root." })
}
