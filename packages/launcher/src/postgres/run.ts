/**
 * Runs a program of PostgreSQL under its identity, with its own environment and without core dumps, which would contain
 * rows and passwords.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { type Identity, prefixOf, SYSTEM_PATH } from "./identity.ts"

/** A piped core pattern ignores the limit, so the filter also excludes every memory region. */
const WITHOUT_CORES = 'ulimit -c 0; { echo 0 > /proc/self/coredump_filter; } 2>/dev/null; umask 077; exec "$@"'

/** Identity, folder, input and output of a program. */
export interface RunOptions {
  readonly identity: Identity
  /** Working folder. */
  readonly cwd: string
  /** File descriptor for the program's output. */
  readonly output: number
  /** Text for the program's standard input. Default: none. */
  readonly input?: string
}

/**
 * Starts a program in its own session, so that a Ctrl-C in the terminal does not reach it before its owner has finished
 * with it. The child's process id is the program's, because each wrapper replaces itself by `exec`.
 */
export function runProgram(command: readonly string[], { identity, cwd, output, input }: RunOptions): ChildProcess {
  const user = identity.kind === "user" ? identity : undefined
  const child = spawn("/bin/sh", ["-c", WITHOUT_CORES, "sh", ...prefixOf(identity), ...command], {
    uid: user?.uid,
    gid: user?.gid,
    cwd,
    detached: true,
    env: { PATH: SYSTEM_PATH, LC_ALL: "C", TZ: "UTC" },
    stdio: [input === undefined ? "ignore" : "pipe", output, output],
  })
  child.stdin?.on("error", () => undefined)
  child.stdin?.end(input)
  return child
}

/** How a process ended; one of the two is set. */
export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Resolves when a process has ended, or could not be started (`code` is then 127). */
export function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code, signal }))
    child.once("error", () => resolve({ code: 127, signal: null }))
  })
}
