/**
 * `nightlight init`: makes a workspace.
 * @module
 */
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import type { InitResult } from "@nightlight/dataset"
import { type Command, Option } from "commander"
import type { Io } from "../terminal/io.ts"
import { chooseNewPassphrase } from "../terminal/passphrase.ts"
import { type CommandContext, print, workspaceFolder } from "./context.ts"

interface InitFlags {
  readonly recipient?: readonly string[]
  readonly recovery?: string
  readonly custody?: "locate" | "seal"
  readonly basis?: string
  readonly yes?: boolean
  readonly json?: boolean
}

/** Adds `nightlight init`. */
export function addInit(program: Command, context: CommandContext): void {
  program
    .command("init")
    .description("make a workspace in the current folder")
    .option("--recipient <key>", "a custodian's key, age1..., that was made elsewhere; may be repeated", collect)
    .option("--recovery <key>", "a recovery key, age1..., that was made elsewhere and is kept offline")
    .addOption(
      new Option("--custody <mode>", "locate: record where known items are; seal: also keep a sealed copy").choices([
        "locate",
        "seal",
      ]),
    )
    .option("--basis <text>", "legal basis for keeping sealed copies; needed for --custody seal")
    .option("--yes", "ask nothing; keys made here are encrypted under NIGHTLIGHT_PASSPHRASE")
    .option("--json", "print the result as one JSON object")
    .addHelpText(
      "after",
      `
The folder is narrowed to its owner (0700). Without --recipient a custodian's key is
made here and the workspace is marked "custody not separated".`,
    )
    .action(async (flags: InitFlags, command: Command) => {
      const { io } = context
      const { initWorkspace } = await import("@nightlight/dataset")
      const answers = await answer(io, flags)
      const result = await initWorkspace(workspaceFolder(command, context), answers)
      print(io, flags.json, toJson(result), () => formatInit(result))
      context.done(EXIT.done)
    })
}

async function answer(io: Io, flags: InitFlags) {
  const mayAsk = flags.yes !== true
  const custody = flags.custody ?? (mayAsk ? await askCustody(io) : "locate")
  const basis =
    flags.basis ??
    (custody === "seal" && mayAsk
      ? await io.ask("Why may sealed copies be kept (registration, order, advice)? ")
      : undefined)
  if (custody === "seal" && (basis === undefined || basis === "")) {
    throw new RequestError("input_invalid", "custody seal needs --basis: say why sealed copies may be kept", {
      hint: "Decide it with counsel. locate, the default, keeps no copy.",
    })
  }
  const custodians = flags.recipient ?? []
  const makesKeys = custodians.length === 0 || flags.recovery === undefined
  return compact({
    custody,
    basis: basis ?? null,
    custodians,
    recovery: flags.recovery,
    passphrase: makesKeys ? await chooseNewPassphrase(io, mayAsk) : undefined,
  })
}

async function askCustody(io: Io): Promise<"locate" | "seal"> {
  const typed = await io.ask(
    "Keep sealed copies of known items? Decide it with counsel. [locate/seal, default locate] ",
  )
  if (typed === undefined || typed === "" || typed === "locate") return "locate"
  if (typed === "seal") return "seal"
  throw new RequestError("input_invalid", "expected locate or seal")
}

function toJson({ layout, manifest, custodySeparated, custodianIdentity, recoveryIdentity }: InitResult) {
  return {
    workspace: layout.root,
    custodySeparated,
    recipients: manifest.recipients.map(({ id, role, recipient, local }) => ({ id, role, recipient, local })),
    custodianIdentity,
    recoveryIdentity,
  }
}

function formatInit({ layout, custodySeparated, custodianIdentity, recoveryIdentity }: InitResult): string {
  const lines = [
    `A workspace is ready in ${inert(layout.root)}`,
    "",
    "  nightlight.yaml   the configuration, with comments",
    "  policy.yaml       the rules from matches to decisions",
    "  keys/             keep this folder private and backed up",
    "",
  ]
  if (custodianIdentity !== undefined) {
    lines.push(
      "Custody is not separated: the custodian's key was made here, in",
      `  ${inert(custodianIdentity)}`,
      "For production make it elsewhere and name it with --recipient.",
      "",
    )
  }
  if (recoveryIdentity !== undefined) {
    lines.push(
      "The recovery key opens all evidence when the custodian's is lost. Move",
      `  ${inert(recoveryIdentity)}`,
      "to an offline medium, apart from this machine, and delete it here.",
      "",
    )
  }
  if (custodySeparated) lines.push("Custody is separated: no custodian's private key is in this workspace.", "")
  lines.push("Next: nightlight lists import FILE --name NAME, then nightlight scan DATA --out CLEAN")
  return `${lines.join("\n")}\n`
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value]
}
