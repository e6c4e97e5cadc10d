import { type SpawnOptions, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

/** Result of a command. */
export interface CommandResult {
  readonly exit: number | undefined
  readonly signal: NodeJS.Signals | undefined
  readonly out: string
  readonly err: string
}

const COMMAND = fileURLToPath(new URL("command.ts", import.meta.url))

/** How to run it. */
export interface RunOptions extends SpawnOptions {
  /** A command that runs it in turn, with that command's own arguments. */
  readonly under?: readonly string[]
}

/** Runs `nightlight` as a process of its own. */
export async function command(args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return await runScript(COMMAND, args, options)
}

/** Runs a script from its sources. */
export async function runScript(
  script: string,
  args: readonly string[],
  { under = [], ...options }: RunOptions = {},
): Promise<CommandResult> {
  const [program = process.execPath, ...rest] = [
    ...under,
    process.execPath,
    "-C",
    "@nightlight/source",
    script,
    ...args,
  ]
  const child = spawn(program, rest, {
    ...options,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const texts = Promise.all([child.stdout, child.stderr].map((stream) => textOf(stream as NodeJS.ReadableStream)))
  const { promise, resolve, reject } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>()
  child.once("error", reject)
  child.once("close", (code, signal) => resolve([code, signal]))
  const [code, signal] = await promise
  const [out = "", err = ""] = await texts
  return { exit: code ?? undefined, signal: signal ?? undefined, out, err }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ""
  for await (const part of stream) text += String(part)
  return text
}
