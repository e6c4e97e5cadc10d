/**
 * A simulated exchange as a process of its own. The first line of JSON on standard input says which one; the address
 * follows as one line of JSON on standard output; each further line on standard input changes what it holds or adds a
 * fault, and is answered with a line. Secrets come through the pipe, so that no list of processes shows them. It ends
 * with its standard input.
 * @module
 */
import { createInterface } from "node:readline"
import { type NcmecCommand, NcmecSimulator, type NcmecSimulatorOptions } from "./ncmec/simulator.ts"
import { type ServedExchange, serveExchange } from "./serve.ts"
import type { SimulatedFault } from "./simulated.ts"

/** The first line. */
export interface SimulatorStart extends Omit<NcmecSimulatorOptions, "clock"> {
  readonly exchange: "ncmec"
  readonly port?: number
}

/** A further line. */
export type SimulatorLine = { readonly tell: NcmecCommand } | { readonly fault: SimulatedFault }

let served: ServedExchange<NcmecCommand> | undefined
for await (const line of createInterface({ input: process.stdin })) {
  if (served === undefined) {
    const { port, ...options } = JSON.parse(line) as SimulatorStart
    served = await serveExchange(new NcmecSimulator(options), port === undefined ? {} : { port })
  } else {
    const order = JSON.parse(line) as SimulatorLine
    if ("tell" in order) served.tell(order.tell)
    else served.addFault(order.fault)
  }
  process.stdout.write(`${JSON.stringify({ base: served.base })}\n`)
}
await served?.[Symbol.asyncDispose]()
