/**
 * The process of a command that whoever runs the machine gives: does one action, says what came of it, and ends.
 * @module
 */
import { runHostAction } from "./process/run-host-action.ts"
import { runMain } from "./process/run-main.ts"
import { readStart } from "./process/start-line.ts"

await runMain(async () => runHostAction(await readStart(process.argv.slice(2))))
