/** Runs the command from its sources: `command.ts ARGUMENT...`; the installed command runs what was built. */
import { run } from "../../../cli/src/main.ts"

process.exitCode = await run(process.argv.slice(2))
