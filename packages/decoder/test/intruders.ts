import { once } from "node:events"
import { chmodSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { createInterface } from "node:readline"
import type { Isolation } from "@nightlight/core"
import { onTestFinished } from "vitest"
import { type ChildCommand, childCommand } from "../src/isolation/child-command.ts"
import type { ReadRoot } from "../src/isolation/confinement.ts"
import { launchChild } from "../src/isolation/launch.ts"
import { resolveLimits } from "../src/limits.ts"
import { put, temporaryFolder } from "./support.ts"

const INTRUDER = join(import.meta.dirname, "stubs/intruder.mjs")

/** An intruder's attempts and results: `done`, or the error's code. */
export type Attempts = Readonly<Record<string, string>>

/** One target of each kind. */
async function targets() {
  const folder = temporaryFolder()
  const secret = put(folder, "secret", Buffer.from("not to be read"))
  chmodSync(secret, 0o600)
  const socket = join(folder, "socket")
  const abstract = `nightlight-test-${process.pid}-${Math.random()}`
  const servers = [createServer(), createServer(), createServer()] as const
  for (const server of servers) onTestFinished(() => void server.close())
  await once(servers[0].listen(0, "127.0.0.1"), "listening")
  await once(servers[1].listen(socket), "listening")
  await once(servers[2].listen(`\0${abstract}`), "listening")
  const address = servers[0].address()
  const port = typeof address === "object" ? address?.port : undefined
  return { secret, folder, parent: process.pid, port, socket, abstract }
}

/** Changes the program after the launcher's arguments. */
function withProgram(command: ChildCommand, change: (program: readonly string[]) => readonly string[]): ChildCommand {
  const { filter, args } = command
  const before = args.findLastIndex((argument) => argument === "--" || argument === "sh") + 1
  const changed = [...args.slice(0, before), ...change(args.slice(before))]
  if (filter === undefined) return { ...command, args: changed }
  return { ...command, args: changed, filter: { ...filter, loader: changed.slice(3) } }
}

const isPermission = (flag: string) => flag === "--permission" || flag.startsWith("--allow-")

export interface IntruderOptions {
  /** Keeps Node's permission model. Without it, attempts that Node would refuse reach the system. */
  readonly keepsPermissions?: boolean
}

/** Starts an intruder. `pid` is the started process: a launcher or the intruder itself. */
export async function letIn(isolation: Isolation, { keepsPermissions = false }: IntruderOptions = {}) {
  const on = JSON.stringify(await targets())
  const command = childCommand(INTRUDER, isolation, { limits: resolveLimits(), inFlight: 1, roots: [] })
  const child = start(
    withProgram(command, (program) => [...program.filter((flag) => keepsPermissions || !isPermission(flag)), on]),
  )
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(() => ["{}"]),
  ])) as [string]
  return { pid: child.pid ?? 0, attempts: JSON.parse(line) as Attempts, leave: () => child.stdin.end() }
}

/** Runs a system program in place of the child, and returns its output. */
export async function runInstead(isolation: Isolation, program: readonly string[], roots: readonly ReadRoot[]) {
  const command = childCommand(INTRUDER, isolation, { limits: resolveLimits(), inFlight: 1, roots })
  const child = start(withProgram(command, () => program))
  let said = ""
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()))
  await once(child, "close")
  return said
}

function start(command: ChildCommand) {
  const child = launchChild(command, "ignore")
  const { stdin, stdout } = child
  if (stdin === null || stdout === null) throw new Error("expected pipes")
  onTestFinished(() => void child.kill("SIGKILL"))
  return Object.assign(child, { stdin, stdout })
}
