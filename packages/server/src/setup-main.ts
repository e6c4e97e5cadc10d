/**
 * The set-up's process: makes the link by which the first administrator comes in, says it, and ends.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runSetup } from "./process/run-setup.ts"
import { readStart } from "./process/start-line.ts"

await runMain(async () => runSetup(await readStart(process.argv.slice(2))))
