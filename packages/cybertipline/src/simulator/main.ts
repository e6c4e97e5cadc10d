/**
 * A simulator as a process of its own: options as one line of JSON on standard input, its addresses as one line of JSON
 * on standard output; ends on SIGTERM or SIGINT, or on its own. Secrets come through the pipe, so that no list of
 * processes shows them.
 * @module
 */
import { once } from "node:events"
import { createInterface } from "node:readline"
import { type ServerOptions, startSimulator } from "./server.ts"

/** The line on standard input. */
export interface ProcessOptions extends Omit<ServerOptions, "clock"> {
  /** Maximum lifetime, in case it is forgotten; an hour by default. */
  readonly lifetimeMs?: number
}

/** The line on standard output. */
export interface ProcessAddresses {
  readonly baseUrl: string
  readonly adminUrl: string
}

const input = createInterface({ input: process.stdin })
const [line] = (await once(input, "line")) as [string]
input.close()
process.stdin.destroy()

const { lifetimeMs = 3_600_000, ...options } = JSON.parse(line) as ProcessOptions
const simulator = await startSimulator(options)
const end = () => void simulator.close()
// The server keeps the process alive, the timer does not.
setTimeout(end, lifetimeMs).unref()
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, end)
const addresses: ProcessAddresses = { baseUrl: simulator.baseUrl, adminUrl: simulator.adminUrl }
process.stdout.write(`${JSON.stringify(addresses)}\n`)
