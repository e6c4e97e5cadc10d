/**
 * `nightlight push`: sends a scan's results to a server.
 * @module
 */
import { resolve } from "node:path"
import { EXIT, type ExitCode, RequestError } from "@nightlight/core"
import type { PushReport, Workspace } from "@nightlight/dataset"
import type { Command } from "commander"
import { withCounter } from "../terminal/counter-line.ts"
import type { Io } from "../terminal/io.ts"
import { assertNamedFile } from "../terminal/named-file.ts"
import { countOf, formatBytes, formatCount } from "../terminal/numbers.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

/** Options that name a server. */
export interface ServerFlags {
  readonly server?: string
  readonly keyFile?: string
}

interface PushFlags extends ServerFlags {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** Adds `nightlight push`. */
export function addPush(program: Command, context: CommandContext): void {
  program
    .command("push")
    .description("send a scan's findings and sealed evidence to a server")
    .argument("<scan>", "a scan's name, such as s-000001")
    .requiredOption("--server <url>", "the server's address, such as https://nightlight.example")
    .option("--key-file <file>", "a file (0600) with the key; else NIGHTLIGHT_SERVER_KEY")
    .option("--json", "print the result as one JSON object")
    .option("--quiet", "print nothing but errors")
    .addHelpText(
      "after",
      `
Safe to repeat: the server keeps each finding once and asks only for sealed files that
it lacks. Before the first push an administrator enrols this workspace's public key
(nightlight source show) and makes a key for that source.`,
    )
    .action(async (scan: string, flags: PushFlags, command: Command) => {
      const { io } = context
      const workspace = await openCommandWorkspace(command, context)
      const { server = "" } = flags
      const report = await push(
        { workspace, io, isQuiet: flags.quiet === true },
        { scan, server, keyFile: flags.keyFile },
      )
      if (flags.quiet !== true || flags.json === true) print(io, flags.json, report, () => formatPush(report))
      context.done(pushExit(report))
    })
}

/** Context of a push. */
export interface PushPlace {
  readonly workspace: Workspace
  readonly io: Io
  readonly isQuiet: boolean
}

/**
 * Pushes a scan with the key that the operator gave.
 *
 * @throws {RequestError} `input_invalid` if there is no key.
 */
export async function push(
  { workspace, io, isQuiet }: PushPlace,
  { scan, server, keyFile }: { readonly scan: string; readonly server: string; readonly keyFile: string | undefined },
): Promise<PushReport> {
  const key = await readServerKey(io, keyFile)
  const { pushScan } = await import("@nightlight/dataset")
  return withCounter(io, isQuiet, "findings pushed", (update) => {
    const watcher = { onProgress: ({ findings }: { readonly findings: number }) => update(findings) }
    return pushScan(workspace, { scan, server, key }, watcher, io.signal)
  })
}

/**
 * Reads the key for a server: from the file, else from `NIGHTLIGHT_SERVER_KEY`.
 *
 * @throws {RequestError} `input_invalid` if there is none; `not_found` if a file is named that is not there.
 * @throws {IntegrityError} `key_unusable` if other users may read the file.
 */
export async function readServerKey(io: Io, keyFile: string | undefined): Promise<string> {
  if (keyFile !== undefined) await assertNamedFile(resolve(io.cwd, keyFile), "--key-file")
  const { readSecretFile } = await import("@nightlight/dataset")
  const key = keyFile === undefined ? io.env["NIGHTLIGHT_SERVER_KEY"] : await readSecretFile(io.cwd, keyFile)
  if (key !== undefined && /^[\x21-\x7e]{1,500}$/.test(key.trim())) return key.trim()
  throw new RequestError("input_invalid", "the server's key is missing", {
    hint: "Set NIGHTLIGHT_SERVER_KEY, or name a file (0600) with --key-file.",
  })
}

/** A finding that the server refused, or a missing sealed file, needs a person. */
export function pushExit({ refused, withheld }: PushReport): ExitCode {
  return total(refused) + total(withheld) > 0 ? EXIT.checkFailed : EXIT.done
}

/** Prints the result of a push. */
export function formatPush({
  scan,
  findings,
  accepted,
  known,
  refused,
  uploaded,
  bytes,
  withheld,
  report,
  followUps,
}: PushReport): string {
  return [
    `Pushed    ${scan}: ${countOf(findings, "finding")}, ${formatCount(accepted)} new to the server, ${formatCount(known)} known`,
    `          ${countOf(uploaded, "sealed file")} sent, ${formatBytes(bytes)}`,
    ...Object.entries(refused).map(([code, count]) => `          ${formatCount(count)} refused: ${code}`),
    ...Object.entries(withheld).map(([code, count]) => `          ${countOf(count, "sealed file")} not sent: ${code}`),
    ...formatFollowUps(followUps).map((line) => `          ${line}`),
    ...(REPORT_NOTES[report] === undefined ? [] : [`          ${REPORT_NOTES[report]}`]),
  ]
    .map((line) => `${line}\n`)
    .join("")
}

function formatFollowUps(followUps: PushReport["followUps"]): readonly string[] {
  if (followUps === "unsupported") return ["The server's version does not accept hunts and purges."]
  const { hunts, purges, new: added } = followUps
  if (hunts + purges === 0) return []
  return [`${countOf(hunts, "hunt")} and ${countOf(purges, "purge")} reported, ${formatCount(added)} new to the server`]
}

/** Facts about the report that a person should know; its acceptance needs no word. */
const REPORT_NOTES: Readonly<Partial<Record<PushReport["report"], string>>> = {
  older: "The server has a later report of this scan.",
  unsupported: "The server's version does not accept scans: its console will not show this one.",
  none: "No run of this scan has completed: the server has only its findings.",
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
