/**
 * A lock that the death of its holder opens.
 *
 * It keeps two writers out of each other's way. It is not what correctness rests on: a version is made by renaming a
 * folder to a name that must be free, so of two writers one fails whatever became of the lock.
 * @module
 */
import { randomUUID } from "node:crypto"
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { DependencyError } from "@nightlight/core"
import { attempt } from "./files.ts"

interface Holder {
  readonly host: string
  readonly pid: number
  /** When the process started, in the system's ticks: tells it from a later one with the same pid. */
  readonly startedTicks: string
  readonly token: string
}

/**
 * Runs `work` while holding the lock at `path`.
 *
 * @param what - names in an error what is locked.
 * @throws {DependencyError} `locked` when a live process, or one on another host, holds it; nothing is waited for.
 */
export async function withLock<T>(path: string, what: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID()
  acquire(path, token, what)
  try {
    return await work()
  } finally {
    if (read(path)?.token === token) rmSync(path, { force: true })
  }
}

function acquire(path: string, token: string, what: string): void {
  const own = `${path}.${token}`
  const holder: Holder = { host: hostname(), pid: process.pid, startedTicks: startedTicks(process.pid), token }
  attempt(() => writeFileSync(own, JSON.stringify(holder), { flag: "wx", mode: 0o600 }))
  try {
    // Each turn either wins or finds another holder; more than a few means that others win again and again.
    for (let turn = 0; turn < 8; turn++) {
      if (linked(own, path)) return
      const current = read(path)
      if (current !== undefined && isAlive(current)) break
      openStale(path, current)
    }
    throw new DependencyError("locked", `${what} is being changed by another process`, {
      hint: "wait for it; if none runs (on another host, say), remove the .lock file in the folder",
    })
  } finally {
    rmSync(own, { force: true })
  }
}

/** Takes a dead holder's lock away, unless someone else was faster and holds it now. */
function openStale(path: string, dead: Holder | undefined): void {
  const aside = `${path}.${randomUUID()}`
  try {
    renameSync(path, aside)
  } catch {
    return
  }
  const taken = read(aside)
  if (taken?.token !== dead?.token) linked(aside, path)
  unlinkSync(aside)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false
    return attempt(() => {
      throw error
    })
  }
}

function read(path: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Holder
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false
  }
  return startedTicks(holder.pid) === holder.startedTicks
}

/** Field 22 of `/proc/<pid>/stat`; the same empty text for every process where there is no such file. */
function startedTicks(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? ""
  } catch {
    return ""
  }
}
