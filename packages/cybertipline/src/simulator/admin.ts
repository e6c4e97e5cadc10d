import { createHash, timingSafeEqual } from "node:crypto"
import { CybertiplineError } from "../errors.ts"
import type { SimulatorCore, SimulatorState } from "./core.ts"
import type { Fault } from "./faults.ts"
import type { SimulatedRequest } from "./handlers.ts"

/** Lets a test read and control a simulator in another process. */
export interface SimulatorAdmin {
  state(): Promise<SimulatorState>
  addFault(fault: Fault): Promise<void>
  clearFaults(): Promise<void>
  /** Puts the service's clock forward. */
  advanceClock(byMs: number): Promise<void>
}

/** Answers `/__admin`: for tests, and only to callers with the token. */
export async function answerAdmin(
  core: SimulatorCore,
  token: string,
  { method, path, headers, body }: SimulatedRequest,
): Promise<{ readonly httpStatus: number; readonly body: string }> {
  if (!isSame(headers["authorization"] ?? "", `Bearer ${token}`)) return { httpStatus: 401, body: "{}" }
  switch (`${method} ${path}`) {
    case "GET /__admin/state":
      return { httpStatus: 200, body: JSON.stringify(core.state()) }
    case "POST /__admin/faults":
      core.addFault((await readJson(body)) as Fault)
      return { httpStatus: 200, body: "{}" }
    case "DELETE /__admin/faults":
      core.clearFaults()
      return { httpStatus: 200, body: "{}" }
    case "POST /__admin/clock":
      core.advanceClock((await readJson(body)) as number)
      return { httpStatus: 200, body: "{}" }
    default:
      return { httpStatus: 404, body: "{}" }
  }
}

/**
 * Connects to the `/__admin` of a simulator.
 *
 * @param adminUrl - As the simulator reports it.
 */
export function connectAdmin(adminUrl: string, adminToken: string): SimulatorAdmin {
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${adminToken}` }
    const sent = body === undefined ? null : JSON.stringify(body)
    try {
      const answer = await fetch(adminUrl + path, { method, headers, redirect: "error", body: sent })
      if (answer.ok) return await answer.json()
    } catch {
      // Whatever the error is, the simulator has ended, or never started.
    }
    throw new CybertiplineError("simulator_unavailable", "the simulator's admin path did not answer")
  }
  return {
    state: async () => (await call("GET", "/state")) as SimulatorState,
    addFault: async (fault) => void (await call("POST", "/faults", fault)),
    clearFaults: async () => void (await call("DELETE", "/faults")),
    advanceClock: async (byMs) => void (await call("POST", "/clock", byMs)),
  }
}

function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest()
  return timingSafeEqual(digest(given), digest(expected))
}

async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString("utf8"))
}
