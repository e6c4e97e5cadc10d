/**
 * `nightlight backup` and `nightlight restore`.
 * @module
 */
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { EXIT, inert, RequestError } from "@nightlight/core"
import type { DrillReport } from "@nightlight/launcher"
import type { Command } from "commander"
import { withCounter } from "../terminal/counter-line.ts"
import type { Io } from "../terminal/io.ts"
import { assertNamedFile } from "../terminal/named-file.ts"
import { countOf } from "../terminal/numbers.ts"
import { readPassphrase } from "../terminal/passphrase.ts"
import { type CommandContext, print } from "./context.ts"

interface Flags {
  readonly data: string
  readonly json?: boolean
}

interface RestoreCommandFlags extends Flags {
  readonly pause?: true
  readonly reconcile?: true
  readonly trust?: string
  readonly identity?: readonly string[]
}

/** Adds `nightlight backup` and `nightlight restore`. */
export function addBackup(program: Command, context: CommandContext): void {
  const { io } = context
  const common = (command: Command) =>
    command
      .option("--data <folder>", "the data folder", "nightlight-data")
      .option("--json", "print the result as one JSON object")
  const backup = common(
    program.command("backup").description("back up the report service's database; the service may keep running"),
  )
    .argument("<folder>", "a new folder for the backup")
    .addHelpText(
      "after",
      `
It is sealed to the recovery keys and signed by keys/backup.pem. No key and no sealed evidence is
in it: keep server/, keys/ and custodian/ apart from it, and copy evidence/ by your own means.`,
    )
    .action(async (folder: string, flags: Flags) => {
      const { backUp } = await import("../up/backup.ts")
      const toDir = resolve(io.cwd, folder)
      const { files, ...manifest } = await withCounter(io, flags.json === true, "files copied", (update) => {
        const watch = { signal: io.signal, onFile: (count: number) => update(count) }
        return backUp(resolve(io.cwd, flags.data), toDir, io.env, watch)
      })
      const { id, madeAt, events, evidence, fingerprint } = manifest
      const result = { id, madeAt, events, evidence, files: files.length, folder: toDir, fingerprint }
      print(
        io,
        flags.json,
        result,
        () =>
          `Backed up into ${inert(toDir)}: ${countOf(events, "event")}, ${countOf(files.length, "file")}. Keys are not in it.\nSigned by the key with the fingerprint ${fingerprint}.\n`,
      )
      context.done(EXIT.done)
    })
  const keyed = (command: Command) =>
    command
      .option(
        "--trust <key>",
        "the key that signed the backup: a file with its public half, or its fingerprint (default: keys/backup.pem.pub)",
      )
      .option(
        "--identity <file>",
        "a recovery key's private half, encrypted under the passphrase (default: keys/recovery.age); may be repeated",
        (value: string, previous: readonly string[] | undefined) => [...(previous ?? []), value],
      )
  // `backup` reads --data and --json at any place; here they are for the help.
  keyed(
    common(
      backup.command("drill").description("restore a backup into a temporary folder, check it, and delete the folder"),
    ),
  )
    .argument("[folder]", "the backup (default: the newest scheduled one)")
    .action(async (folder: string | undefined, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<RestoreCommandFlags>()
      const { drill } = await import("../up/backup.ts")
      const dataDir = resolve(io.cwd, flags.data)
      const fromDir = folder === undefined ? undefined : resolve(io.cwd, folder)
      const report = await drill(dataDir, fromDir, io.env, await keysOf(context, dataDir, flags), stepsOf(io, flags))
      print(io, flags.json, report, () => drillWords(report))
      context.done(report.ok ? EXIT.done : EXIT.checkFailed)
    })
  keyed(
    common(
      program
        .command("restore")
        .description("restore the database from a backup; filing stays paused until you reconcile"),
    ),
  )
    .argument("[folder]", "the backup")
    .option("--pause", "pause filing after you restored an external database yourself")
    .option(
      "--reconcile",
      "compare with the custodian's journal, repeat the calls that the journal remembers, and list what is left",
    )
    .action(async (folder: string | undefined, flags: RestoreCommandFlags) => {
      const dataDir = resolve(io.cwd, flags.data)
      if ([folder !== undefined, flags.pause, flags.reconcile].filter((chosen) => chosen === true).length !== 1) {
        throw new RequestError("input_invalid", "give either a backup's folder, --pause or --reconcile")
      }
      if (flags.reconcile === true) return reconcile(context, dataDir, flags)
      if (folder === undefined) return pause(context, dataDir, flags)
      const { restore } = await import("../up/backup.ts")
      const keys = await keysOf(context, dataDir, flags)
      const { manifest, movedTo, newer } = await restore(
        dataDir,
        resolve(io.cwd, folder),
        io.env,
        keys,
        stepsOf(io, flags),
      )
      const { id, madeAt } = manifest
      const hadOtherContextKey = await hasContextKeyArchive(dataDir)
      const newerMade = newer && { id: newer.id, madeAt: newer.madeAt.toISOString(), folder: newer.folder }
      print(
        io,
        flags.json,
        { restored: id, madeAt, movedTo, newer: newerMade, filingPaused: true, hadOtherContextKey },
        () => {
          const moved = movedTo === undefined ? "" : `The previous database is in ${inert(movedTo)}.\n`
          const older =
            newerMade === undefined
              ? ""
              : `THERE IS A NEWER BACKUP, of ${newerMade.madeAt}: ${inert(newerMade.folder)}\nEverything in between is lost unless you restore that one.\n`
          return `Restored the backup of ${madeAt}.\n${older}${moved}${hadOtherContextKey ? CONTEXT_KEY_WORDS : ""}Filing is paused. Next: nightlight up, then nightlight restore --reconcile.\n`
        },
      )
      context.done(EXIT.done)
    })
}

/** Prints steps for a person at a terminal; nothing otherwise. */
function stepsOf(io: Io, { json }: Pick<Flags, "json">): (words: string) => void {
  return (words) => {
    if (io.isTty && json !== true) io.err(`  ${words}\n`)
  }
}

const CONTEXT_KEY_WORDS = `The context key was rotated here. If that happened after this backup, its rows do not count until you restore the old key:
put its line of server/context.key.archive behind the first line of server/context.key before you start.
`

/** Whether `keys rewrap context` ever dropped a key here: an earlier backup is under that key. */
async function hasContextKeyArchive(dataDir: string): Promise<boolean> {
  const { readServerConfig } = await import("@nightlight/server/config")
  const { paths } = await readServerConfig(join(dataDir, "server", "server.yaml"))
  return existsSync(`${paths.contextKey}.archive`)
}

/** The key that signed the backup, and the keys that open it. */
async function keysOf({ io }: CommandContext, dataDir: string, { trust, identity = [] }: RestoreCommandFlags) {
  const { assertInstallation } = await import("../up/assert-installation.ts")
  await assertInstallation(
    dataDir,
    "A restore needs the folder's keys: copy server/, keys/ and custodian/ back from where they were kept.",
  )
  const isPath = trust !== undefined && !/^[0-9a-f]{64}$/.test(trust)
  const trusted = isPath ? resolve(io.cwd, trust) : trust
  if (isPath && trusted !== undefined) await assertNamedFile(trusted, "--trust")
  const { openRecoveryKeys } = await import("../up/backup-keys.ts")
  const files = identity.map((file) => resolve(io.cwd, file))
  const identities = await openRecoveryKeys(dataDir, files, await readPassphrase(io))
  return { trust: trusted, identities }
}

function drillWords({ madeAt, events, log, counts, evidence, ok }: DrillReport): string {
  const { files, missing, changed } = evidence
  return [
    `The backup of ${madeAt} can be restored: ${countOf(events, "event")}; roles, functions and triggers are as the migrations make them.\n`,
    `Log: ${log ? "valid" : "NOT VALID"}. Counts: ${counts ? "agree" : "DIFFER"}.\n`,
    `Sealed files: ${files}, ${missing} missing, ${changed} changed.\n`,
    ok ? "" : "Find out what differs before you rely on it.\n",
  ].join("")
}

async function pause(context: CommandContext, dataDir: string, { json }: Flags): Promise<void> {
  const { runAction } = await import("../up/one-shot.ts")
  const result = await runAction(dataDir, context.io.env, { name: "mark-restored", backup: "other-server" })
  print(context.io, json, result, () => "Filing is paused. Next: nightlight restore --reconcile.\n")
  context.done(EXIT.done)
}

async function reconcile(context: CommandContext, dataDir: string, { json }: Flags): Promise<void> {
  const { runAction } = await import("../up/one-shot.ts")
  const result = await runAction(dataDir, context.io.env, { name: "reconcile" })
  const suspended = Array.isArray(result["suspended"]) ? result["suspended"].map(String) : []
  const isOpen = result["open"] === true
  print(context.io, json, result, () =>
    [
      `Compared ${String(result["compared"])} filings with the custodian's journal; repeated ${String(result["replayed"])} calls.\n`,
      typeof result["lostUntil"] === "string"
        ? `The custodian remembers calls until ${inert(result["lostUntil"])}, after this backup: a newer backup may exist.\n`
        : "",
      result["differing"] === 0 ? "" : `${String(result["differing"])} wait for a person's decision, as tasks.\n`,
      suspended.length === 0
        ? ""
        : `Suspended until confirmed or revoked:\n${suspended.map((id) => `  ${inert(id)}\n`).join("")}`,
      result["paused"] === true ? "Filing stays paused.\n" : "Filing continues.\n",
      isOpen
        ? "Reconcile again when that is done.\n"
        : "The restore is complete: people and keys can be confirmed again. The alarms show what else does not work.\n",
    ].join(""),
  )
  context.done(isOpen ? EXIT.checkFailed : EXIT.done)
}
