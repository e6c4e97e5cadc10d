/**
 * The worker's process.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runWorker } from "./process/run-worker.ts"
import { readStart } from "./process/start-line.ts"

await runMain(async () => runWorker(await readStart(process.argv.slice(2))))
