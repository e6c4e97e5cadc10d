/**
 * A simulator as a process of its own: options as one line of JSON on standard input, its addresses as one line of JSON on
 * standard output; ends on SIGTERM or SIGINT. Secrets come by the pipe, so no list of processes shows them.
 * @module
 */
import { once } from "node:events"
import { createInterface } from "node:readline"
import { type ServerOptions, startSimulator } from "./server.ts"

/** What the line on standard input holds. */
export type ProcessOptions = Omit<ServerOptions, "clock">

/** What the line on standard output holds. */
export interface ProcessAddresses {
  readonly baseUrl: string
  readonly adminUrl: string
}

const input = createInterface({ input: process.stdin })
const [line] = (await once(input, "line")) as [string]
input.close()
process.stdin.destroy()

const simulator = await startSimulator(JSON.parse(line) as ProcessOptions)
for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void simulator.close())
const addresses: ProcessAddresses = { baseUrl: simulator.baseUrl, adminUrl: simulator.adminUrl }
process.stdout.write(`${JSON.stringify(addresses)}\n`)
