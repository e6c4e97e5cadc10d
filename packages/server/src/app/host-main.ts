/**
 * The process of a command that whoever runs the machine gives: does one act, says what came of it, and ends.
 * @module
 */
import { runHostAct } from "./process/run-host-act.ts"
import { runMain } from "./process/run-main.ts"
import { readStart } from "./process/start-line.ts"

await runMain(async () => runHostAct(await readStart(process.argv.slice(2))))
