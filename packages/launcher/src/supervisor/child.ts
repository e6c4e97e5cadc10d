/**
 * Runs a child process of the installation, with a listed environment and without core dumps. It gets its secrets on
 * standard input, whose end means that its supervisor is gone.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { realpathSync } from "node:fs"
import { createInterface } from "node:readline"
import { tryParseJson } from "@nightlight/core"
import { z } from "zod"
import { childEnvironment } from "./environment.ts"

/** Messages of a child: lines of JSON on its standard output. */
const Line = z.union([
  // The custodian's form of `ready`.
  z.looseObject({ listening: z.string() }).transform(() => ({ event: "ready" as const })),
  z.looseObject({ event: z.literal("result"), result: z.looseObject({}) }),
  z.looseObject({ event: z.literal("progress"), done: z.number(), total: z.number() }),
  z.looseObject({ event: z.literal("ready"), port: z.number().optional(), adminPort: z.number().optional() }),
  z.looseObject({
    event: z.literal("failed"),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean(),
  }),
])

/** A line that a child wrote. */
export type ChildLine =
  | { readonly event: "result"; readonly result: object }
  | { readonly event: "progress"; readonly done: number; readonly total: number }
  | { readonly event: "ready"; readonly port?: number | undefined; readonly adminPort?: number | undefined }
  | {
      readonly event: "failed"
      readonly code: string
      readonly message: string
      readonly hint?: string | undefined
      readonly retryable: boolean
    }

/** How to start a child. */
export interface ChildCommand {
  /** Path of the module that it runs. */
  readonly entry: string
  readonly args: readonly string[]
  readonly cwd: string
  /** First text on its standard input, with its newline; the input stays open. */
  readonly input: string
  /** Whether the environment may add certificate authorities. Default: true. */
  readonly takesAuthorities?: boolean
  /** OS user that runs it, without supplementary groups and new privileges. Default: this process's user. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** File descriptor for its log. */
  readonly log: number
  readonly onLine: (line: ChildLine) => void
}

/** How a child ended; one of the two is set. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A running child. */
export interface Child {
  readonly pid: number
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<ChildExit>
  /** Asks it to stop and kills it after the grace. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>
}

/** A piped core pattern ignores the limit, so the filter also excludes every memory region. */
const WITHOUT_CORES = 'ulimit -c 0; { echo 0 > /proc/self/coredump_filter; } 2>/dev/null; umask 077; exec "$@"'

/** The command of util-linux that drops privileges, so that set-id programs cannot restore them. */
const NO_NEW_PRIVILEGES = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--"]

/**
 * Starts a child in its own session, so that a Ctrl-C in the terminal reaches only the supervisor, which stops its
 * children in order.
 */
export function startChild(command: ChildCommand): Child {
  const { entry, args, cwd, input, log, onLine, takesAuthorities = true, user } = command
  const node = [
    ...(user === undefined ? [] : NO_NEW_PRIVILEGES),
    realpathSync(process.execPath),
    ...nodeFlags(entry),
    entry,
    ...args,
  ]
  const child = spawn("/bin/sh", ["-c", WITHOUT_CORES, "sh", ...node], {
    cwd,
    detached: true,
    env: childEnvironment(process.env, entry, takesAuthorities),
    // Starting as another user also drops root's supplementary groups.
    uid: user?.uid,
    gid: user?.gid,
    stdio: ["pipe", "pipe", log],
  })
  // An early end of the child is reported by its exit, so this error is ignored.
  child.stdin?.on("error", () => undefined)
  child.stdin?.write(input)
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = Line.safeParse(tryParseJson(text))
      if (line.success) onLine(line.data)
    })
  }
  const exited = exitOf(child)
  return {
    pid: child.pid ?? 0,
    exited,
    stop: async (graceMs) => {
      child.kill("SIGTERM")
      const force = setTimeout(() => child.kill("SIGKILL"), graceMs)
      await exited
      clearTimeout(force)
    },
  }
}

function nodeFlags(entry: string): string[] {
  const flags = ["--no-warnings"]
  // Otherwise any process of the same user could open the inspector with a signal.
  if (process.allowedNodeEnvironmentFlags.has("--disable-sigusr1")) flags.push("--disable-sigusr1")
  if (entry.endsWith(".ts")) flags.push("--conditions=@nightlight/source")
  return flags
}

function exitOf(child: ChildProcess): Promise<ChildExit> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }))
    child.once("error", () => resolve({ code: 127, signal: null }))
  })
}
