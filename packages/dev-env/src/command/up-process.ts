import { type ChildProcess, spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { compact } from "@nightlight/core"

const MAIN = fileURLToPath(new URL("../../../cli/src/main.ts", import.meta.url))
const RUN = `process.exitCode = await (await import(${JSON.stringify(MAIN)})).run(process.argv.slice(1))`

/** One line that `up --json` printed. */
export type UpEvent = Readonly<Record<string, string | number | boolean | undefined>> & { readonly event: string }

/** A running `nightlight up` process. */
export interface UpProcess {
  readonly child: ChildProcess
  readonly events: UpEvent[]
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null; readonly err: string }>
  /** Waits for the next event that fits, after those already seen. Rejects if the process ends first. */
  next(fits: (event: UpEvent) => boolean): Promise<UpEvent>
  /** Last reported process id of a part. */
  pidOf(part: string): number
}

const SOURCES = [process.execPath, "-C", "@nightlight/source", "--no-warnings", "--input-type=module", "-e", RUN, "--"]

/**
 * Starts `nightlight up --json` from the sources, without a terminal. A passphrase in `env` goes to standard input
 * instead.
 *
 * @param command - Program that runs it, with its first arguments.
 */
export function startUp(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  command: readonly string[] = SOURCES,
): UpProcess {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const { NIGHTLIGHT_PASSPHRASE: passphrase, ...rest } = env
  const isGiven = passphrase !== undefined && !args.includes("--demo")
  const source = isGiven ? ["--passphrase-stdin"] : []
  const [program = "", ...flags] = command
  const child = spawn(program, [...flags, "up", "--json", "--port", "0", ...source, ...args], {
    env: { ...compact({ PATH, NODE_COMPILE_CACHE }), ...(isGiven ? rest : env) },
    stdio: ["pipe", "pipe", "pipe"],
  })
  child.stdin.on("error", () => undefined)
  child.stdin.end(isGiven ? `${passphrase}\n` : "")
  const events: UpEvent[] = []
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of [...waiting]) check()
  }
  createInterface({ input: child.stdout }).on("line", (line) => {
    events.push(JSON.parse(line) as UpEvent)
    wake()
  })
  let err = ""
  child.stderr.on("data", (text: Buffer) => {
    err += text.toString()
  })
  let hasEnded = false
  const ended = new Promise<Awaited<UpProcess["ended"]>>((resolve) => {
    child.once("close", (code, signal) => {
      hasEnded = true
      resolve({ code, signal, err })
      wake()
    })
  })
  let seen = 0
  return {
    child,
    events,
    ended,
    next: (fits) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const i = events.findIndex((event, index) => index >= seen && fits(event))
          const event = events[i]
          if (event === undefined && !hasEnded) return
          waiting.delete(check)
          if (event === undefined) return reject(new Error(`the process ended: ${err} ${JSON.stringify(events)}`))
          seen = i + 1
          return resolve(event)
        }
        waiting.add(check)
        check()
      }),
    pidOf: (part) => {
      const last = events.findLast((event) => event.event === "part.ready" && event["part"] === part)
      return Number(last?.["pid"])
    },
  }
}

/** Whether a process runs. */
export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
