/**
 * `nightlight guard`: the gateway in front of a model.
 * @module
 */
import { existsSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { join, resolve } from "node:path"
import type { Finding } from "@nightlight/contract"
import { compact, EXIT, hasCode, inert, RequestError } from "@nightlight/core"
import type { GuardEvent } from "@nightlight/guard"
import type { Command } from "commander"
import type { Io } from "../terminal/io.ts"
import { parsePort, parseWorkers } from "../terminal/parse-option.ts"
import { assertNoPassphraseVariable } from "../terminal/passphrase.ts"
import { formatTable } from "../terminal/table.ts"
import { untilAborted } from "../up/until-aborted.ts"
import { type CommandContext, openCommandWorkspace, print, workspaceFolder } from "./context.ts"

interface GuardFlags {
  readonly upstream?: string
  readonly config?: string
  readonly port?: number
  readonly adminPort?: number
  readonly workers?: number
  readonly json?: boolean
}

/** Adds `nightlight guard`. */
export function addGuard(program: Command, context: CommandContext): void {
  const guard = program
    .command("guard")
    .description("run the guard in front of an OpenAI-compatible service, and screen requests and answers")
    .option("--upstream <url>", "base URL of the service, such as http://127.0.0.1:8000/v1 (default: guard.yaml's)")
    .option("--config <file>", "the guard's configuration (default: guard.yaml in the workspace)")
    .option("--port <number>", "port for callers (default: guard.yaml's, 8081)", parsePort)
    .option("--admin-port <number>", "port of readiness and metrics (default: guard.yaml's, 8082)", parsePort)
    .option("--workers <number>", "processes that accept calls, 1 to 64 (default: guard.yaml's, 1)", parseWorkers)
    .option("--json", "print each event as one JSON object per line")
    .action(async (flags: GuardFlags, command: Command) => {
      await start(flags, command, context)
      context.done(EXIT.done)
    })
  guard
    .command("init")
    .description("write a guard.yaml with comments into the workspace")
    .option("--json", "print the result as one JSON object")
    .action(async (_own: object, command: Command) => {
      const { json } = command.optsWithGlobals<GuardFlags>()
      const { defaultGuardText } = await import("@nightlight/guard")
      const path = join(workspaceFolder(command, context), "guard.yaml")
      await writeFile(path, defaultGuardText(), { flag: "wx", mode: 0o600 }).catch((error: unknown) => {
        if (hasCode(error, "EEXIST")) throw new RequestError("state_conflict", "a guard.yaml exists already")
        throw new RequestError("workspace_missing", "guard.yaml cannot be written in the workspace")
      })
      print(context.io, json, { path }, () => `Written: ${inert(path)}\n`)
      context.done(EXIT.done)
    })
  guard
    .command("findings")
    .description("list incidents of this workspace's guards that are not delivered yet: ids, codes and times")
    .option("--json", "print the list as one JSON object")
    .action(async (_flags: GuardFlags, command: Command) => {
      const { json } = command.optsWithGlobals<GuardFlags>()
      const { layout, keyed } = await openCommandWorkspace(command, context)
      const { readKeptIncidents } = await import("@nightlight/guard")
      const findings = (await readKeptIncidents(layout.guardIncidents, keyed)).map(({ finding, subjectKey }) => ({
        subjectKey,
        ...finding,
      }))
      print(context.io, json, { findings }, () =>
        findings.length === 0 ? "No incidents are waiting.\n" : formatFindings(findings),
      )
      context.done(EXIT.done)
    })
  guard
    .command("key")
    .description("make a key that may call the guard; it is shown once, and only its digest is kept")
    .argument("<name>", "a name for the key")
    .option("--trusted", "the caller may send signed headers about end users, and is told when a check is unavailable")
    .option("--file <file>", "the keys file (default: guard-keys.yaml in the workspace)")
    .option("--json", "print the result as one JSON object")
    .action(async (name: string, flags: { trusted?: boolean; file?: string }, command: Command) => {
      // Options that the group has too are read by the group first.
      const { json } = command.optsWithGlobals<GuardFlags>()
      const { addKey } = await import("@nightlight/guard")
      const folder = workspaceFolder(command, context)
      const added = await addKey(resolve(folder, flags.file ?? "guard-keys.yaml"), name, flags.trusted === true)
      print(context.io, json, added, () => `${added.key}\n`)
      context.done(EXIT.done)
    })
}

async function start(flags: GuardFlags, command: Command, context: CommandContext): Promise<void> {
  const { io } = context
  assertNoPassphraseVariable(io, "A guard needs no passphrase: unset it, as `env -u NIGHTLIGHT_PASSPHRASE` does.")
  const workspace = await openCommandWorkspace(command, context)
  const configPath = resolve(workspace.layout.root, flags.config ?? "guard.yaml")
  if (flags.config !== undefined && !existsSync(configPath)) {
    throw new RequestError("not_found", `the configuration ${configPath} does not exist`)
  }
  const { createRemoteContent, startGuard } = await import("@nightlight/guard")
  const { guardKeeping } = await import("@nightlight/dataset")
  await workspace.refreshIndex()
  const { itemBytes, pixels, frames, decoderBytes } = workspace.config.scan.limits
  const guard = await startGuard({
    configPath,
    workspace: {
      indexDir: workspace.layout.index,
      verifier: workspace.verifier,
      policy: await workspace.readPolicy(),
      falsePositives: await workspace.readFalsePositives(),
    },
    decoderLimits: { maxBytes: itemBytes, maxPixels: pixels, maxFrames: frames, maxMemoryBytes: decoderBytes },
    remote: createRemoteContent(),
    keeping: guardKeeping(workspace),
    generationsDir: workspace.layout.generations,
    accountsPlace: { path: resolve(workspace.layout.root, "guard-accounts"), keyed: workspace.keyed },
    ...compact({ upstreamUrl: flags.upstream, port: flags.port, adminPort: flags.adminPort, workers: flags.workers }),
    onEvent: (event) => report(io, flags.json === true, event),
  })
  try {
    await untilAborted(io.signal)
  } finally {
    await guard.stop()
  }
}

function formatFindings(findings: readonly Finding[]): string {
  return formatTable(
    [{ heading: "Finding" }, { heading: "Found" }, { heading: "Where" }, { heading: "Decision" }, { heading: "Rule" }],
    findings.map(({ id, foundAt, shard, decision, rule }) => [id.slice(0, 16), foundAt, shard, decision, inert(rule)]),
  )
}

function report(io: Io, isJson: boolean, event: GuardEvent): void {
  if (isJson) io.out(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`)
  else io.err(`${sentenceOf(event)}\n`)
}

function sentenceOf(event: GuardEvent): string {
  switch (event.event) {
    case "listening":
      return `The guard listens on port ${event.port}; readiness and metrics on port ${event.adminPort}.`
    case "reloaded":
      return `The configuration was reloaded: ${event.config}.`
    case "reload_refused":
      return `The changed configuration is refused; the previous one stays in force: ${event.message}`
    case "alarm":
      return `Alarm: ${event.code}${event.exchange === undefined ? "" : ` (${event.exchange})`}`
    case "draining":
      return "The guard accepts no new calls and finishes those in progress."
    case "stopped":
      return "The guard has stopped."
    default:
      return event satisfies never
  }
}
