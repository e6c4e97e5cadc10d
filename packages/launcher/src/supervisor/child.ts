/**
 * One child process of the installation: with a listed environment, without core dumps, and told its secrets on its
 * standard input, whose end tells it that its supervisor is gone.
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process"
import { realpathSync } from "node:fs"
import { createInterface } from "node:readline"
import { tryParseJson } from "@nightlight/core"
import { z } from "zod"
import { childEnvironment } from "./environment.ts"

/** What a child says, one line of JSON each on its standard output. */
const Line = z.union([
  // The custodian's own words.
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
  /** Whether the environment may add authorities for certificates: `true` unless given. */
  readonly takesAuthorities?: boolean
  /** OS user that it runs as, without further groups and new privileges; the one who starts it unless given. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined
  /** Descriptor that takes its log. */
  readonly log: number
  readonly onLine: (line: ChildLine) => void
}

/** How a child ended: one of the two is set. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A child that runs. */
export interface Child {
  readonly pid: number
  /** Resolves when it has ended; never rejects. */
  readonly exited: Promise<ChildExit>
  /** Asks it to stop and, after a grace, ends it. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>
}

/** A core pattern that is a pipe ignores the limit, hence also the filter: no memory region is dumped. */
const WITHOUT_CORES = 'ulimit -c 0; { echo 0 > /proc/self/coredump_filter; } 2>/dev/null; umask 077; exec "$@"'

/** Of util-linux, as the decoder's isolation is: no program with a set-id bit gives anything back. */
const NO_NEW_PRIVILEGES = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--"]

/**
 * Starts a child in a session of its own, so that a Ctrl-C in the terminal reaches the supervisor alone, which stops
 * its children in order.
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
  // A start as another user leaves root's further groups behind as well.
  const as = user === undefined ? {} : { uid: user.uid, gid: user.gid }
  const options = { cwd, detached: true, env: childEnvironment(process.env, entry, takesAuthorities), ...as }
  const child = spawn("/bin/sh", ["-c", WITHOUT_CORES, "sh", ...node], { ...options, stdio: ["pipe", "pipe", log] })
  // A child that ended early reads nothing any more; how it ended tells enough.
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
  // Otherwise any process of the same user could open the inspector by a signal.
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
