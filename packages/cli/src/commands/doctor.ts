/**
 * `nightlight doctor`: what is missing and what is degraded.
 * @module
 */
import { join } from "node:path"
import { EXIT } from "@nightlight/core"
import type { Check } from "@nightlight/dataset"
import type { Command } from "commander"
import { type CommandContext, print, workspaceFolder } from "./context.ts"

const MARKS: Readonly<Record<Check["state"], string>> = { ok: "ok      ", degraded: "degraded", missing: "MISSING " }

/** Adds `nightlight doctor`. */
export function addDoctor(program: Command, context: CommandContext): void {
  program
    .command("doctor")
    .description("show what is missing or degraded on this machine; needs no workspace")
    .option("--json", "print the checks as one JSON object")
    .action(async (flags: { readonly json?: boolean }, command: Command) => {
      const { io } = context
      const { checkMachine, checkWorkspace } = await import("@nightlight/dataset")
      const { findIsolation } = await import("@nightlight/screening")
      const { checkDecoding } = await import("./doctor-decoding.ts")
      const { exists } = await import("@nightlight/durable")
      const folder = workspaceFolder(command, context)
      const hasWorkspace = await exists(join(folder, "nightlight.yaml"))
      const checks = [...(await checkMachine(io.signal)), ...(hasWorkspace ? await checkWorkspace(folder) : [])]
      const isolation = await findIsolation().catch(() => undefined)
      if (isolation !== undefined) checks.push(...(await checkDecoding(folder, isolation)))
      const missing = checks.filter((check) => check.state === "missing").length
      print(io, flags.json, { ready: missing === 0, checks }, () => formatChecks(checks, hasWorkspace))
      context.done(missing === 0 ? EXIT.done : EXIT.checkFailed)
    })
}

function formatChecks(checks: readonly Check[], hasWorkspace: boolean): string {
  const lines = checks.map(
    ({ name, state, words, hint }) =>
      `${MARKS[state]}  ${name.padEnd(10)}  ${words}\n${hint === undefined ? "" : `${" ".repeat(22)}${hint}\n`}`,
  )
  return lines.join("") + (hasWorkspace ? "" : "\nThere is no workspace here: nightlight init makes one.\n")
}
