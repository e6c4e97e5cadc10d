/**
 * A lock that the death of its holder opens.
 *
 * It keeps two writers out of each other's way. It is not what correctness rests on: a version is made by renaming a
 * folder to a name that must be free, so of two writers one fails whatever became of the lock.
 * @module
 */
import { randomUUID } from "node:crypto"
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { hostname } from "node:os"
import { DependencyError } from "@nightlight/core"
import { attempt, writeError } from "./files.ts"

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
    // Not someone else's, should a person have removed this one by hand.
    if (parse(readText(path) ?? "")?.token === token) rmSync(path, { force: true })
  }
}

function acquire(path: string, token: string, what: string): void {
  const own = `${path}.${token}`
  const holder: Holder = { host: hostname(), pid: process.pid, startedTicks: startedTicks(process.pid), token }
  attempt(() => writeFileSync(own, JSON.stringify(holder), { flag: "wx", mode: 0o600 }))
  try {
    // Each turn wins, finds a holder, or finds that things moved: more than a few means that others win again and again.
    for (let turn = 0; turn < 16; turn++) {
      if (linked(own, path)) return
      const state = stateOf(path)
      if (state === "held") break
      if (state === "dead") clearDead(own, path)
    }
    throw new DependencyError("locked", `${what} is being changed by another process`, {
      hint: "wait for it; if none runs (on another host, say), remove the .lock file in the folder",
    })
  } finally {
    rmSync(own, { force: true })
  }
}

/**
 * Takes a dead holder's lock away. Whoever holds the guard is the only one who may: a dead lock can then not have
 * become a live one between the look and the removal, since only its removal lets another in.
 */
function clearDead(own: string, path: string): void {
  const guard = `${path}.clearing`
  if (!linked(own, guard)) {
    if (stateOf(guard) === "dead") rmSync(guard, { force: true })
    return
  }
  try {
    if (stateOf(path) === "dead") rmSync(path, { force: true })
  } finally {
    rmSync(guard, { force: true })
  }
}

function stateOf(path: string): "free" | "held" | "dead" {
  const text = readText(path)
  if (text === undefined) return "free"
  const holder = parse(text)
  return holder !== undefined && isAlive(holder) ? "held" : "dead"
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

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8")
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined
    throw writeError(error)
  }
}

function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? (value as Holder) : undefined
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
