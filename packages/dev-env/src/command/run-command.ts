import { run } from "../../../cli/src/main.ts"
import type { Io } from "../../../cli/src/terminal/io.ts"

/** A command's output and exit status. */
export interface Ran {
  readonly exit: number
  readonly out: string
  readonly err: string
}

/** Runs a command in this process, without a terminal and without answers to prompts. */
export async function runCommand(
  argv: readonly string[],
  {
    cwd = process.cwd(),
    env = {},
    answers = [],
    isOutputTty = false,
  }: { cwd?: string; env?: Record<string, string>; answers?: string[]; isOutputTty?: boolean } = {},
): Promise<Ran> {
  let out = ""
  let err = ""
  const left = [...answers]
  const io: Io = {
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    env,
    cwd,
    isTty: false,
    isOutputTty,
    columns: 80,
    ask: async () => left.shift(),
    askSecret: async () => left.shift(),
    signal: new AbortController().signal,
  }
  const exit = await run(argv, io)
  return { exit, out, err }
}

/** Parses the output of `--json`. @throws {Error} unless it is exactly one object on one line. */
export function oneObject({ out }: Ran): Record<string, unknown> {
  const lines = out.split("\n")
  if (lines.length !== 2 || lines[1] !== "") throw new Error(`expected one line of JSON, got ${lines.length - 1}`)
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>
}
