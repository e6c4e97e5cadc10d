import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { compact } from "@nightlight/core"

/** How a child ended, and the lines it wrote before. */
export interface ChildEnd {
  readonly lines: readonly string[]
  readonly killed: boolean
  readonly code: number | null
  /** Its error output; empty unless it failed by itself. */
  readonly complaint: string
}

export interface ChildOptions {
  readonly args: readonly string[]
  /** Dies at this operation on the file system. */
  readonly killAt?: number
  readonly killWhen?: "before" | "middle" | "after"
  readonly env?: Readonly<Record<string, string>>
  /** Called with each line as it comes; `kill` is SIGKILL. */
  readonly onLine?: (line: string, kill: () => void) => void
}

/** Runs one of the scripts of this folder under the sources' condition, until it ends or dies. */
export function runChild(
  script: string,
  { args, killAt, killWhen, env: given, onLine }: ChildOptions,
): Promise<ChildEnd> {
  const here = (name: string): string => new URL(name, import.meta.url).pathname
  const env = {
    ...process.env,
    ...given,
    ...compact({ KILL_AT: killAt ? String(killAt) : undefined, KILL_WHEN: killWhen || undefined }),
  }
  const flags = ["-C", "@nightlight/source", "--import", here("../../../dev-env/src/machine/kill-at.ts"), here(script)]
  const child = spawn(process.execPath, [...flags, ...args], { env, stdio: ["ignore", "pipe", "pipe"] })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line)
    onLine?.(line, () => child.kill("SIGKILL"))
  })
  let complaint = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint += text
  })
  return new Promise((resolve, reject) => {
    child.on("error", reject)
    child.on("close", (code, signal) => resolve({ lines, killed: signal === "SIGKILL", code, complaint }))
  })
}
