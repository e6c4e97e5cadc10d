/**
 * Finds and ends the remains of an earlier server: stopped properly, crashed, or still running without its launcher.
 * @module
 */
import { existsSync } from "node:fs"
import { readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { setTimeout as wait } from "node:timers/promises"
import { DependencyError } from "@nightlight/core"
import { type ServerProcess, serverProcesses, signalServer } from "./processes.ts"
import { PORT } from "./settings.ts"
import { removeShortSocketDir } from "./socket-dir.ts"
import { STOP_TIMES, type StopTimes } from "./stop.ts"

/**
 * Remains of an earlier server: none after a proper stop; the files of a crash; a running server without its launcher.
 */
export type Leftover = "none" | "crashed" | "orphan"

/** Contents of PostgreSQL's `postmaster.pid` that are used here. */
export interface PostmasterFile {
  readonly pid: number
  readonly socketDir: string
}

/** Reads `postmaster.pid`; `undefined` if it is missing or malformed. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, "postmaster.pid"), "utf8").catch(() => "")
  const [pid = "", , , , socketDir = ""] = text.split("\n")
  return /^[1-9]\d{0,9}$/.test(pid) ? { pid: Number(pid), socketDir } : undefined
}

/**
 * Ends every process that still serves a data folder. The caller must hold the folder's lock, so that these processes
 * have no launcher.
 *
 * @param times - Waiting time for each way to end them.
 * @throws {DependencyError} `locked` if one cannot be ended.
 */
export async function stopLeftovers(cluster: string, times: StopTimes = STOP_TIMES): Promise<Leftover> {
  const file = await readPostmasterFile(cluster)
  let running = await serverProcesses(cluster)
  const found = running.length > 0 ? "orphan" : file === undefined ? "none" : "crashed"
  for (const [signal, waitMs] of [
    ["SIGINT", times.fastMs],
    ["SIGQUIT", times.immediateMs],
    ["SIGKILL", times.killMs],
  ] as const) {
    if (running.length === 0) break
    const heads = headsOf(running)
    // Children without their main process do not handle the fast stop.
    const hasMain = heads.some(({ pid }) => pid === file?.pid)
    const sent = signal === "SIGINT" && !hasMain ? "SIGQUIT" : signal
    for (const process of signal === "SIGKILL" ? running : heads) await signalServer(process, cluster, sent)
    running = await untilGone(cluster, waitMs)
  }
  if (running.length > 0) {
    throw new DependencyError("locked", "an earlier database server on this folder cannot be ended", {
      details: { processes: running.length },
    })
  }
  if (file !== undefined) await clearAfter(file, cluster)
  return found
}

/** Removes files of a crashed server that would block the next one. */
async function clearAfter({ pid, socketDir }: PostmasterFile, cluster: string): Promise<void> {
  // PostgreSQL would take any process with this id for its earlier self and refuse to start.
  if (isTaken(pid)) await rm(join(cluster, "postmaster.pid"), { force: true })
  await removeShortSocketDir(socketDir)
}

/**
 * Removes a crashed server's socket lock if another program has that server's process id now. The lock of a server on
 * another data folder stays.
 */
export async function clearSocketLock(socketDir: string, cluster: string): Promise<void> {
  const path = join(socketDir, `.s.PGSQL.${PORT}.lock`)
  const [pid = "", dataDir = ""] = (await readFile(path, "utf8").catch(() => "")).split("\n")
  if (dataDir === cluster && isTaken(Number(pid))) await rm(path, { force: true })
}

function isTaken(pid: number): boolean {
  try {
    // Without /proc the owner is unknown, so PostgreSQL decides.
    return pid > 0 && existsSync("/proc/self/stat") && process.kill(pid, 0)
  } catch {
    return false
  }
}

/** The processes whose parent is not one of them. */
function headsOf(running: readonly ServerProcess[]): readonly ServerProcess[] {
  const pids = new Set(running.map(({ pid }) => pid))
  return running.filter(({ parentPid }) => !pids.has(parentPid))
}

async function untilGone(cluster: string, waitMs: number): Promise<readonly ServerProcess[]> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const running = await serverProcesses(cluster)
    if (running.length === 0 || performance.now() > deadline) return running
    await wait(20)
  }
}
