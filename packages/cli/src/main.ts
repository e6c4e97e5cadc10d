/**
 * Runs the command line.
 * @module
 */

import { EXIT } from "@nightlight/core"
import { type Command, CommanderError } from "commander"
import { createProgram } from "./program.ts"
import { keepMemoryFromCoreDumps } from "./terminal/core-dumps.ts"
import { formatFailure, toFailure } from "./terminal/failure.ts"
import type { Io } from "./terminal/io.ts"
import { processIo } from "./terminal/process-io.ts"
import { giveFilesToUsers } from "./terminal/settle-folder.ts"

/**
 * Runs one command.
 *
 * @param argv - arguments after the program's name.
 * @returns The exit code, one of core's `EXIT`.
 */
export async function run(argv: readonly string[], io: Io = processIo()): Promise<number> {
  keepMemoryFromCoreDumps()
  let exit: number = EXIT.done
  let ran: Command | undefined
  try {
    const program = createProgram(io, (code) => {
      exit = code
    }).hook("preAction", (_, command) => {
      ran = command
    })
    try {
      await program.parseAsync([...argv], { from: "user" })
    } finally {
      await giveFilesToUsers(ran, io)
    }
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUse
    const failure = toFailure(error)
    io.err(formatFailure(failure))
    if (argv.includes("--json")) {
      const { code, message, hint } = failure
      io.out(`${JSON.stringify({ error: { code, message, hint } })}\n`)
    }
    return failure.exit
  }
  return exit
}
