/**
 * `nightlight up`: everything that an installation needs, on this machine.
 * @module
 */
import { resolve } from "node:path"
import { compact, EXIT, inert } from "@nightlight/core"
import type { Command } from "commander"
import { assertNoFile } from "../terminal/named-file.ts"
import { parsePort } from "../terminal/parse-option.ts"
import { addPassphraseOptions, type PassphraseFlags, passphraseSourceOf } from "../terminal/passphrase-options.ts"
import { type CommandContext, print } from "./context.ts"

interface UpFlags extends PassphraseFlags {
  readonly data?: string
  readonly demo?: boolean
  readonly port?: number
  readonly adminPort?: number
  readonly json?: boolean
  readonly unlockAgain?: boolean
  readonly users?: boolean
  readonly printSystemd?: string
}

/** Adds `nightlight up`. */
export function addUp(program: Command, context: CommandContext): void {
  const up = program
    .command("up")
    .description("start the report service: database, custodian, server and worker, until Ctrl-C or SIGTERM")
    .option("--data <folder>", "the data folder; created if missing (default: nightlight-data)")
    .option("--demo", "run a demonstration with made-up cases (default folder: nightlight-demo)")
    .option("--port <number>", "port of the server (default: the one in server.yaml, 8080)", parsePort)
    .option("--admin-port <number>", "port of metrics and health details on this machine (default: none)", parsePort)
  addPassphraseOptions(up, "the custodian's")
    .option("--unlock-again", "keep the passphrase in memory, to unlock the custodian again after a crash")
    .option("--users", "as root: run server, custodian and database as separate OS users, created if missing")
    .option("--print-systemd <folder>", "write systemd units for this installation into a folder, and start nothing")
    .option("--json", "print each event as one JSON object per line")
    .addHelpText(
      "after",
      `
DATABASE_URL names another PostgreSQL server (15 or later) in place of the embedded one;
NIGHTLIGHT_DATABASE_OWNER_URL its owner, who runs the migrations.`,
    )
    .action(async (flags: UpFlags) => {
      const { io } = context
      const { data, demo = false, port, adminPort, json = false } = flags
      const dataDir = resolve(io.cwd, data ?? (demo ? "nightlight-demo" : "nightlight-data"))
      await assertNoFile(dataDir, "--data")
      if (flags.printSystemd !== undefined) {
        const { printSystemd } = await import("../up/print-systemd.ts")
        const folder = resolve(io.cwd, flags.printSystemd)
        const units = await printSystemd(dataDir, folder)
        print(io, json, { folder, units }, () => `Wrote into ${inert(folder)}: ${units.join(", ")}.\n`)
        return context.done(EXIT.done)
      }
      const run = demo ? (await import("../up/run-demo.ts")).runDemo : (await import("../up/run-up.ts")).runUp
      const { unlockAgain = false, users: wantsUsers = false } = flags
      const passphrase = passphraseSourceOf(flags)
      await run({ io, dataDir, port, adminPort, isJson: json, unlockAgain, wantsUsers, ...compact({ passphrase }) })
      context.done(EXIT.done)
    })
}
