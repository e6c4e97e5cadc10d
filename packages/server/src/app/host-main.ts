/**
 * The process of a host command: performs one action for the operator of the machine, prints the result, and ends.
 * @module
 */
import { runHostAction } from "./process/run-host-action.ts"
import { runMain } from "./process/run-main.ts"
import { readStartOptions } from "./process/start-line.ts"

await runMain(async () => runHostAction(await readStartOptions(process.argv.slice(2))))
