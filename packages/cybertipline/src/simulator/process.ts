import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { CybertiplineError } from "../errors.ts"
import { connectAdmin, type SimulatorAdmin } from "./admin.ts"
import type { ProcessAddresses, ProcessOptions } from "./main.ts"

/** A simulator in its own process, which continues when its starter is killed. */
export interface SimulatorProcess extends AsyncDisposable {
  readonly baseUrl: string
  readonly adminUrl: string
  readonly pid: number
  readonly admin: SimulatorAdmin
  /** Ends the process. */
  stop(): Promise<void>
}

/**
 * Starts a simulator in its own process.
 *
 * @param options - With an admin token, so that tests can inspect it.
 * @throws {CybertiplineError} `simulator_unavailable` if it does not start.
 */
export async function startSimulatorProcess(
  options: ProcessOptions & { readonly adminToken: string },
): Promise<SimulatorProcess> {
  const main = fileURLToPath(import.meta.resolve("@nightlight/cybertipline/simulator/main"))
  const conditions = main.endsWith(".ts") ? ["-C", "@nightlight/source"] : []
  const child = spawn(process.execPath, [...conditions, main], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
    env: {},
  })
  const exit = once(child, "exit")
  child.stdin.end(`${JSON.stringify(options)}\n`)
  const output = createInterface({ input: child.stdout })
  const first = await Promise.race([once(output, "line"), exit.then(() => undefined)]).catch(() => undefined)
  const { pid } = child
  if (first === undefined || pid === undefined) {
    throw new CybertiplineError("simulator_unavailable", "the simulator's process did not start")
  }
  const { baseUrl, adminUrl } = JSON.parse((first as [string])[0]) as ProcessAddresses
  // Neither the child nor its pipe keeps the starting process alive.
  child.unref()
  child.stdout.destroy()
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    // Waited for now, so it keeps the process alive again.
    child.ref()
    child.kill("SIGTERM")
    await exit
  }
  return {
    baseUrl,
    adminUrl,
    pid,
    admin: connectAdmin(adminUrl, options.adminToken),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
