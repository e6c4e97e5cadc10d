/**
 * The server's process.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runServer } from "./process/run-server.ts"
import { readStart } from "./process/start-line.ts"

await runMain(async () => runServer(await readStart(process.argv.slice(2))))
