import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { DependencyError } from "@nightlight/core"
import type { SimulatorLine, SimulatorStart } from "./main.ts"

/** A simulated exchange in its own process. */
export interface SimulatorProcess extends AsyncDisposable {
  /** For a client. */
  readonly base: string
  readonly pid: number
  /** Changes what it holds, or adds a fault; returns once that is in effect. */
  tell(line: SimulatorLine): Promise<void>
}

/** Starts a simulated exchange in its own process. @throws {DependencyError} `unavailable` if it does not start. */
export async function startSimulatorProcess(start: SimulatorStart): Promise<SimulatorProcess> {
  const main = fileURLToPath(import.meta.resolve("@nightlight/exchanges/simulators/main"))
  const conditions = main.endsWith(".ts") ? ["-C", "@nightlight/source"] : []
  const child = spawn(process.execPath, [...conditions, main], { stdio: ["pipe", "pipe", "ignore"], env: {} })
  const exit = once(child, "exit")
  const output = createInterface({ input: child.stdout })
  const send = async (line: SimulatorStart | SimulatorLine): Promise<string> => {
    child.stdin.write(`${JSON.stringify(line)}\n`)
    const answer = await Promise.race([once(output, "line"), exit.then(() => undefined)]).catch(() => undefined)
    if (answer === undefined) throw new DependencyError("unavailable", "the simulated exchange ended")
    return (answer as [string])[0]
  }
  child.stdin.on("error", () => {})
  const { base } = JSON.parse(await send(start)) as { readonly base: string }
  return {
    base,
    pid: child.pid ?? 0,
    tell: async (line) => void (await send(line)),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end()
      child.kill("SIGTERM")
      await exit
    },
  }
}
