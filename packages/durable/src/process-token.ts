/**
 * Names this process in file names and locks, so that another process can tell whether it still runs.
 *
 * A process id alone is not enough: ids are reused, restart after a reboot, and differ in another container or on
 * another host that shares the folder.
 * @module
 */
import { createHash } from "node:crypto"
import { readFileSync, readlinkSync } from "node:fs"

/**
 * State of the process that a token names. `elsewhere`: of another host, container or boot, so its state is unknown.
 */
export type TokenState = "running" | "gone" | "elsewhere"

const TOKEN = /^([0-9a-f]{12})-(\d+)-(\d+)$/

/** Source of a regular expression that matches a token inside a longer name. */
export const TOKEN_PATTERN = "[0-9a-f]{12}-\\d+-\\d+"

let ownPlace: string | undefined

/** Twelve hexadecimal digits that identify this boot of this machine and this process id namespace. */
function place(): string {
  ownPlace ??= createHash("sha256")
    .update(`${readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"))}`)
    .update(`${readOr(() => readlinkSync("/proc/self/ns/pid"))}`)
    .digest("hex")
    .slice(0, 12)
  return ownPlace
}

function readOr(read: () => string): string {
  try {
    return read().trim()
  } catch {
    return ""
  }
}

/** The kernel's start tick of a process; `undefined` when it is gone, `0` where the system does not provide it. */
function startTick(pid: number): string | undefined {
  // The /proc of another process id namespace would describe other processes.
  const procIsOurs = readOr(() => readlinkSync("/proc/self")) === String(process.pid)
  const stat = procIsOurs ? readOr(() => readFileSync(`/proc/${pid}/stat`, "latin1")) : ""
  if (stat !== "") {
    // The name in parentheses may itself contain blanks and parentheses.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" || fields[0] === "X" ? undefined : fields[19]
  }
  if (procIsOurs) return undefined
  try {
    process.kill(pid, 0)
    return "0"
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM" ? "0" : undefined
  }
}

let own: string | undefined

/** This process's token: `<place>-<pid>-<start>`, safe in a file name. */
export function processToken(): string {
  if (own !== undefined) return own
  const tick = startTick(process.pid)
  const token = `${place()}-${process.pid}-${tick ?? "0"}`
  // Without one, it could perhaps not be read this time.
  if (tick !== undefined) own = token
  return token
}

/** Whether the process that a token names still runs. Text that is not a token is `elsewhere`. */
export function tokenState(token: string): TokenState {
  const [, where, pid, start] = TOKEN.exec(token) ?? []
  if (where === undefined || where !== place()) return "elsewhere"
  const now = startTick(Number(pid))
  return now === undefined || now !== start ? "gone" : "running"
}
