/**
 * `nightlight up`: everything that an installation needs, on this machine.
 * @module
 */
import { resolve } from "node:path"
import { EXIT } from "@nightlight/core"
import type { Command } from "commander"
import { parsePort } from "../terminal/parse-option.ts"
import type { CommandContext } from "./context.ts"

interface UpFlags {
  readonly data: string
  readonly port?: number
  readonly adminPort?: number
  readonly json?: boolean
}

/** Adds `nightlight up`. */
export function addUp(program: Command, context: CommandContext): void {
  program
    .command("up")
    .description("start the report service: database, custodian, server and worker, until Ctrl-C or SIGTERM")
    .option("--data <folder>", "where everything is kept; made when missing", "nightlight-data")
    .option("--port <number>", "port of the server (default: the one in server.yaml, 8080)", parsePort)
    .option("--admin-port <number>", "port of metrics and health detail on this machine (default: none)", parsePort)
    .option("--json", "print what happens as one JSON object a line")
    .addHelpText(
      "after",
      `
DATABASE_URL names another PostgreSQL server (15 or later) in place of the embedded one;
NIGHTLIGHT_DATABASE_OWNER_URL its owner, who runs the migrations.`,
    )
    .action(async (flags: UpFlags) => {
      const { runUp } = await import("../up/run-up.ts")
      const { io } = context
      const dataDir = resolve(io.cwd, flags.data)
      await runUp({ io, dataDir, port: flags.port, adminPort: flags.adminPort, isJson: flags.json === true })
      context.done(EXIT.done)
    })
}
