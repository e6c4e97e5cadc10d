/**
 * `nightlight audit`: whether the log is what was written.
 * @module
 */
import { EXIT } from "@nightlight/core"
import type { Command } from "commander"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

/** Adds `nightlight audit`. */
export function addAudit(program: Command, context: CommandContext): void {
  const audit = program.command("audit").description("the tamper-evident log")
  audit
    .command("verify")
    .description("check the log's chain and its signed checkpoints; names the first event that differs")
    .option("--checkpoint <file>", "a checkpoint kept elsewhere, to compare with")
    .option("--json", "print the result as one JSON object")
    .action(async (flags: { readonly checkpoint?: string; readonly json?: boolean }, command: Command) => {
      const workspace = await openCommandWorkspace(command, context)
      const { verifyAudit } = await import("@nightlight/dataset")
      const result = await verifyAudit(workspace, flags.checkpoint)
      print(context.io, flags.json, result, () => `${result.words}\n`)
      context.done(result.ok ? EXIT.done : EXIT.checkFailed)
    })
}
