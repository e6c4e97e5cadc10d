/**
 * Finds the running processes of a data folder. A process id in a file proves nothing, because ids are reused. The
 * proof is that the process is a `postgres` whose working folder is this data folder, which only its owner can enter.
 * @module
 */
import { readdir, readFile, readlink, stat } from "node:fs/promises"
import { basename } from "node:path"

/** One process. Its start distinguishes it from a later one with the same id. */
export interface ServerProcess {
  readonly pid: number
  readonly parentPid: number
  /** The kernel's start tick. */
  readonly startedAt: string
}

/**
 * Lists the processes of the server on a data folder: the main one and its children. Empty on a system without `/proc`,
 * where only PostgreSQL's own lock file keeps a second server out.
 */
export async function serverProcesses(cluster: string): Promise<readonly ServerProcess[]> {
  const names = await readdir("/proc").catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map((pid) => serverProcess(pid, cluster)))
  return found.filter((process) => process !== undefined)
}

/** Finds a process; `undefined` if it is gone, ending or not of this data folder. */
export async function serverProcess(pid: number, cluster: string): Promise<ServerProcess | undefined> {
  try {
    const program = basename(await readlink(`/proc/${pid}/exe`))
    if (program !== "postgres" && program !== "postgres (deleted)") return undefined
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(cluster)])
    if (theirs.dev !== ours.dev || theirs.ino !== ours.ino) return undefined
    const line = await readFile(`/proc/${pid}/stat`, "latin1")
    // The name in parentheses may itself contain blanks and parentheses.
    const fields = line.slice(line.lastIndexOf(")") + 2).split(" ")
    const [state, parent = "", startedAt] = [fields[0], fields[1], fields[19]]
    if (state === "Z" || state === "X" || startedAt === undefined) return undefined
    return { pid, parentPid: Number(parent), startedAt }
  } catch {
    return undefined
  }
}

/**
 * Sends a signal to a process if it is still the one that was found.
 *
 * @returns Whether it was.
 */
export async function signalServer(found: ServerProcess, cluster: string, signal: NodeJS.Signals): Promise<boolean> {
  const now = await serverProcess(found.pid, cluster)
  if (now?.startedAt !== found.startedAt) return false
  try {
    return process.kill(found.pid, signal)
  } catch {
    return false
  }
}
