/**
 * `nightlight backup` and `nightlight restore`.
 * @module
 */
import { resolve } from "node:path"
import { EXIT, inert, RequestError } from "@nightlight/core"
import type { Command } from "commander"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly data: string
  readonly json?: boolean
}

/** Adds `nightlight backup` and `nightlight restore`. */
export function addBackup(program: Command, context: CommandContext): void {
  const { io } = context
  const common = (command: Command) =>
    command
      .option("--data <folder>", "the data folder", "nightlight-data")
      .option("--json", "print the result as one JSON object")
  common(program.command("backup").description("back the report service's database up, while it runs or not"))
    .argument("<folder>", "a new folder for the backup")
    .addHelpText(
      "after",
      `
No key and no sealed evidence is in it: keep server/, keys/ and custodian/ apart from it, and
copy evidence/ by your own means; evidence.ndjson lists what must be there.`,
    )
    .action(async (folder: string, flags: Flags) => {
      const { backUp } = await import("../up/backup.ts")
      const toDir = resolve(io.cwd, folder)
      const { id, madeAt, events, evidence, files } = await backUp(resolve(io.cwd, flags.data), toDir, io.env)
      const result = { id, madeAt, events, evidence, files: files.length, folder: toDir }
      print(
        io,
        flags.json,
        result,
        () => `Backed up into ${inert(toDir)}: ${events} events, ${files.length} files. Keys are not in it.\n`,
      )
      context.done(EXIT.done)
    })
  common(program.command("restore").description("put a backup's database back; filing stays paused until reconciled"))
    .argument("[folder]", "the backup")
    .option("--pause", "pause filing, after another server was restored by its own means")
    .option("--reconcile", "compare with the custodian's journal of filings, and let filing go on if they agree")
    .action(async (folder: string | undefined, flags: Flags & { readonly pause?: true; readonly reconcile?: true }) => {
      const dataDir = resolve(io.cwd, flags.data)
      if ([folder !== undefined, flags.pause, flags.reconcile].filter((chosen) => chosen === true).length !== 1) {
        throw new RequestError("input_invalid", "expected a backup's folder, --pause or --reconcile")
      }
      if (flags.reconcile === true) return reconcile(context, dataDir, flags)
      if (folder === undefined) return pause(context, dataDir, flags)
      const { restore } = await import("../up/backup.ts")
      const { manifest, movedTo } = await restore(dataDir, resolve(io.cwd, folder), io.env)
      print(io, flags.json, { restored: manifest.id, madeAt: manifest.madeAt, movedTo, filingPaused: true }, () => {
        const moved = movedTo === undefined ? "" : `What was there before lies in ${inert(movedTo)}.\n`
        return `Restored the backup of ${manifest.madeAt}.\n${moved}Filing is paused. Next: nightlight up, then nightlight restore --reconcile.\n`
      })
      context.done(EXIT.done)
    })
}

async function pause(context: CommandContext, dataDir: string, { json }: Flags): Promise<void> {
  const { actOn } = await import("../up/one-shot.ts")
  const result = await actOn(dataDir, context.io.env, { name: "pause-filing", backup: "other-server" })
  print(context.io, json, result, () => "Filing is paused. Next: nightlight restore --reconcile.\n")
  context.done(EXIT.done)
}

async function reconcile(context: CommandContext, dataDir: string, { json }: Flags): Promise<void> {
  const { actOn } = await import("../up/one-shot.ts")
  const result = await actOn(dataDir, context.io.env, { name: "reconcile" })
  const isPaused = result["paused"] === true
  print(context.io, json, result, () => {
    const compared = `Compared ${String(result["compared"])} filings with the custodian's journal.\n`
    return isPaused
      ? `${compared}${String(result["differing"])} differ and wait for a person: filing stays paused until their tasks are closed.\n`
      : `${compared}They agree, or a person has seen to them: filing goes on.\n`
  })
  context.done(isPaused ? EXIT.checkFailed : EXIT.done)
}
