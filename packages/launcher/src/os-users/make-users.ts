/**
 * Finds or makes the OS users of an installation.
 * @module
 */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { promisify } from "node:util"
import { DependencyError } from "@nightlight/core"
import { errnoOf } from "@nightlight/durable"
import { readPasswd, SYSTEM_PATH } from "../postgres/identity.ts"
import type { InstallationUsers, OsUser } from "./users-file.ts"

const run = promisify(execFile)

/** Names of the users by what they run. */
export const USER_NAMES: Readonly<Record<keyof InstallationUsers, string>> = {
  server: "nightlight",
  custodian: "nightlight-custodian",
  postgres: "nightlight-postgres",
}

/** First id tried for users without a name: above the ids that systems assign, below the ones they reserve. */
const FIRST_NUMBER = 61_700
const LAST_NUMBER = 61_999

/** Makes a system user. Rejects with `code` `ENOENT` on a system without the program. */
export type MakeUser = (name: string) => Promise<unknown>

const useradd: MakeUser = (name) =>
  run(
    "useradd",
    ["--system", "--user-group", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin", name],
    { env: { PATH: SYSTEM_PATH } },
  )

/**
 * Finds the three users and makes missing ones: system users without a home or a shell or, on a system without
 * `useradd`, unused ids.
 *
 * @returns The users, and the names of the new ones.
 * @throws {DependencyError} `unavailable` if the system refuses to make them, or two of them share a group.
 */
export async function makeUsers(
  make: MakeUser = useradd,
): Promise<{ readonly users: InstallationUsers; readonly created: readonly string[] }> {
  const created: string[] = []
  const taken = new Set([...(await readPasswd()).flatMap(({ uid, gid }) => [uid, gid]), ...(await groupNumbers())])
  const find = async (name: string): Promise<OsUser> => {
    const known = await named(name)
    if (known !== undefined) return known
    try {
      await make(name)
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") throw notMade(name)
      const number = firstFree(taken)
      taken.add(number)
      created.push(String(number))
      return { name: null, uid: number, gid: number }
    }
    const found = await named(name)
    if (found === undefined) throw notMade(name)
    created.push(name)
    return found
  }
  const server = await find(USER_NAMES.server)
  const custodian = await find(USER_NAMES.custodian)
  const postgres = await find(USER_NAMES.postgres)
  const all = [server, custodian, postgres]
  for (const ids of [all.map(({ uid }) => uid), all.map(({ gid }) => gid)]) {
    if (ids.includes(0) || new Set(ids).size < all.length) {
      throw new DependencyError("unavailable", "two of the users share an id or a group, or one is root", {
        hint: `Give each of ${Object.values(USER_NAMES).join(", ")} its own id and group.`,
      })
    }
  }
  return { users: { server, custodian, postgres }, created }
}

async function named(name: string): Promise<OsUser | undefined> {
  const entry = (await readPasswd()).find((candidate) => candidate.name === name)
  return entry && { name, uid: entry.uid, gid: entry.gid }
}

async function groupNumbers(): Promise<readonly number[]> {
  const text = await readFile("/etc/group", "utf8").catch(() => "")
  return text.split("\n").flatMap((line) => {
    const gid = line.split(":")[2] ?? ""
    return /^\d+$/.test(gid) ? [Number(gid)] : []
  })
}

function firstFree(taken: ReadonlySet<number>): number {
  for (let number = FIRST_NUMBER; number <= LAST_NUMBER; number++) if (!taken.has(number)) return number
  throw new DependencyError("unavailable", "the system has no free user id")
}

function notMade(name: string): DependencyError {
  return new DependencyError("unavailable", `the OS user ${name} is missing and could not be made`, {
    hint: `Make it: useradd --system --user-group --no-create-home --shell /usr/sbin/nologin ${name}`,
  })
}
