/**
 * The server's process.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runServer } from "./process/run-server.ts"
import { readStartOptions } from "./process/start-line.ts"

await runMain(async () => runServer(await readStartOptions(process.argv.slice(2))))
