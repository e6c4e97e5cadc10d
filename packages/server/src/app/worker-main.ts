/**
 * The worker's process.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runWorker } from "./process/run-worker.ts"
import { readStartOptions } from "./process/start-line.ts"

await runMain(async () => runWorker(await readStartOptions(process.argv.slice(2))))
