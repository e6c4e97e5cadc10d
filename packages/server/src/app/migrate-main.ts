/**
 * The migration process: brings the database to this version and ends.
 * @module
 */
import { runMain } from "./process/run-main.ts"
import { runMigrations } from "./process/run-migrations.ts"
import { readStartOptions } from "./process/start-line.ts"

await runMain(async () => runMigrations(await readStartOptions(process.argv.slice(2))))
