/** Runs the command from its sources, for examples and end-to-end tests; the installed command runs `dist`. */
import { run } from "../../packages/cli/src/main.ts"

process.exitCode = await run(process.argv.slice(2))
