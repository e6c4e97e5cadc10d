/**
 * `nightlight audit`: verifies that the log is what was written.
 * @module
 */
import { existsSync } from "node:fs"
import { join, resolve } from "node:path"
import type { ProvenRestart } from "@nightlight/contract/custodian"
import type { RowDifference } from "@nightlight/contract/server"
import { compact, EXIT, inert, RequestError } from "@nightlight/core"
import type { AuditReport } from "@nightlight/dataset"
import type { Command } from "commander"
import { withCounter } from "../terminal/counter-line.ts"
import { countOf } from "../terminal/numbers.ts"
import { readPassphrase } from "../terminal/passphrase.ts"
import { addWitness } from "./audit-witness.ts"
import { type CommandContext, openCommandWorkspace, print } from "./context.ts"

interface VerifyFlags {
  readonly checkpoint?: string
  readonly checkpoints?: string
  readonly data?: string
  readonly key?: string
  readonly json?: boolean
}

/** Adds `nightlight audit`. */
export function addAudit(program: Command, context: CommandContext): void {
  const audit = program.command("audit").description("the tamper-evident log")
  audit
    .command("verify")
    .description("verify the log's chain and signed checkpoints; name the first event that differs")
    .option("--checkpoint <file>", "file of checkpoints to compare with (default with --data: the custodian's)")
    .option(
      "--checkpoints <place>",
      "with --data: a copy of the checkpoints to compare with: a name from checkpoints.copies in server.yaml, s3://BUCKET/PREFIX, a witness's URL or a folder",
    )
    .option("--data <folder>", "verify the report service's log in this data folder instead of the workspace's log")
    .option("--key <file>", "with --data: the custodian's public checkpoint key (default: the one in the folder)")
    .option("--json", "print the result as one JSON object")
    .action(async (flags: VerifyFlags, command: Command) => {
      const result =
        flags.data === undefined ? await ofWorkspace(flags, command, context) : await ofService(flags, context)
      print(context.io, flags.json, result, () => `${result.words}\n`)
      context.done(result.ok ? EXIT.done : EXIT.checkFailed)
    })
  audit
    .command("export")
    .description("export the report service's log and checkpoints into a folder")
    .argument("<folder>", "a new folder")
    .option("--data <folder>", "the data folder", "nightlight-data")
    .option("--json", "print the result as one JSON object")
    .action(async (folder: string, flags: { readonly data: string; readonly json?: boolean }) => {
      const { io } = context
      const { runAction } = await import("../up/one-shot.ts")
      const dir = resolve(io.cwd, folder)
      const result = await runAction(resolve(io.cwd, flags.data), io.env, { name: "export-log", dir })
      print(io, flags.json, result, () => `Wrote ${String(result["events"])} events into ${inert(dir)}.\n`)
      context.done(EXIT.done)
    })
  audit
    .command("restart-checkpoints")
    .description("continue the custodian's checkpoints from an event that counsel named and signed")
    .argument("<restart>", "the restart's id, which counsel signed in the console: restart-...")
    .option("--data <folder>", "the data folder", "nightlight-data")
    .option("--json", "print the result as one JSON object")
    .action((restartId: string, flags: RestartFlags) => restartCheckpoints(restartId, flags, context))
  audit
    .command("counts")
    .description("count cases, items and findings again, and compare with the stored counts")
    .option("--data <folder>", "the data folder", "nightlight-data")
    .option("--json", "print the result as one JSON object")
    .action(async (flags: { readonly data: string; readonly json?: boolean }) => {
      const { io } = context
      const { runAction } = await import("../up/one-shot.ts")
      const answer = await runAction(resolve(io.cwd, flags.data), io.env, { name: "check-counts" })
      const result = answer as unknown as CountsCheck
      print(io, flags.json, result, () => countsWords(result))
      context.done(result.ok ? EXIT.done : EXIT.checkFailed)
    })
  addWitness(audit, context)
}

interface RestartFlags {
  readonly data: string
  readonly json?: boolean
}

/** Shows what counsel signed, asks for the custodian's passphrase, and hands both to the custodian. */
async function restartCheckpoints(restartId: string, flags: RestartFlags, context: CommandContext): Promise<void> {
  const { io } = context
  const dataDir = resolve(io.cwd, flags.data)
  const { runAction } = await import("../up/one-shot.ts")
  const { createCustodianClient, readConfig } = await import("@nightlight/custodian")
  const proven = (await runAction(dataDir, io.env, {
    name: "checkpoint-restart",
    restartId,
  })) as unknown as ProvenRestart
  const { person, reason, before, start } = proven.restart
  io.err(
    `${inert(person)} signed that checkpoints continue from event ${start.seq} (${inert(reason)}); the custodian last signed event ${before.seq}.\n` +
      "No checkpoint covers the earlier log from then on: see docs/guides/audit-log.md.\n",
  )
  const { socket } = await readConfig(join(dataDir, "custodian", "custodian.yaml"))
  const line = await createCustodianClient(socket).restartCheckpoints(await readPassphrase(io), proven)
  const result = { restartId, person, reason, beforeSeq: before.seq, startSeq: start.seq, line }
  print(io, flags.json, result, () => `Checkpoints continue from event ${start.seq}.\n`)
  context.done(EXIT.done)
}

/** The result of counting again. */
interface CountsCheck {
  readonly ok: boolean
  /** `missing`: how many more there are than the stored count; negative where there are fewer. */
  readonly differences: readonly { readonly name: string; readonly key: string; readonly missing: number }[]
}

/** Lists the stored counts that are wrong, one per line. */
function countsWords({ differences }: CountsCheck): string {
  if (differences.length === 0) return "Every stored count is correct.\n"
  const lines = differences.map(
    ({ name, key, missing }) => `  ${inert(name)}  ${inert(key)}  ${missing > 0 ? "+" : ""}${missing}\n`,
  )
  return `Stored counts that are wrong, and by how much:\n${lines.join("")}The worker corrects them each night, and raises an alarm.\n`
}

async function ofWorkspace({ checkpoint, checkpoints, key }: VerifyFlags, command: Command, context: CommandContext) {
  if (checkpoints !== undefined || key !== undefined) {
    const option = key === undefined ? "--checkpoints" : "--key"
    throw new RequestError(
      "input_invalid",
      `${option} applies only to the report service's log: nothing was verified`,
      {
        hint: "Name its data folder by --data.",
      },
    )
  }
  const workspace = await openCommandWorkspace(command, context)
  const { verifyAudit } = await import("@nightlight/dataset")
  return verifyAudit(workspace, checkpoint)
}

async function ofService(flags: VerifyFlags, { io }: CommandContext) {
  const { checkpoint, checkpoints: place, data = ".", key, json } = flags
  const dataDir = resolve(io.cwd, data)
  const custodian = join(dataDir, "custodian")
  const own = join(custodian, "checkpoints.ndjson")
  const checkpoints = checkpoint === undefined ? own : resolve(io.cwd, checkpoint)
  const { runAction } = await import("../up/one-shot.ts")
  const action = compact({
    name: "verify-log",
    key: key === undefined ? join(custodian, "keys", "checkpoint.pem.pub") : resolve(io.cwd, key),
    place,
    // The file does not exist before the first checkpoint is signed.
    checkpoints: checkpoint !== undefined || existsSync(own) ? checkpoints : undefined,
  })
  const said = await withCounter(io, json === true, "events and cases", (update) =>
    runAction(dataDir, io.env, action, update),
  )
  const result = said as unknown as ServiceResult
  const { auditWords } = await import("@nightlight/dataset")
  const { row } = result
  return {
    ...result,
    words: row === undefined ? `${auditWords(result)}${approvalWords(result)}` : rowWords(row, result.events),
  }
}

/** A verification of the service's database. */
interface ServiceResult extends Omit<AuditReport, "words"> {
  readonly row?: { readonly table: string; readonly id: string; readonly what: RowDifference }
  readonly approvals?: { readonly decided: number; readonly unsigned: number }
}

/** Result for the signatures of approvals. */
function approvalWords({ ok, approvals }: ServiceResult): string {
  if (!ok) return ""
  if (approvals === undefined) {
    return "\nSignatures of approvals were not verified: the custodian, which knows people's keys, did not answer."
  }
  const { decided, unsigned } = approvals
  const rest = unsigned === 0 ? "" : `; ${unsigned} of them lack the signature of one or both people`
  return `\n${decided} approvals by two people are valid, with verified signatures${rest}.`
}

/** Words for each difference, by code. */
const ROW_WORDS: Readonly<Record<RowDifference, string>> = {
  unreadable: "contains values that no service writes, or its table cannot be read",
  unsealed: "was written without the service's key",
  unknown: "is not in the log",
  missing: "is missing, although the log has it",
  owner: "belongs to another person according to the log",
  ended: "has ended according to the log",
  joined: "differs from the log in whether the person joined",
  deactivated: "differs from the log in whether the person was deactivated",
  role: "is a role that the person does not have according to the log",
  proof: "is not what the person last set according to the log",
  decision: "was decided differently according to the log",
  lock: "is kept until another time according to the log",
  lifted: "differs from the log in whether the hold was lifted",
  state: "has another status according to the log",
  approval: "was approved by another person according to the log",
  deadline: "has another deadline according to the log",
  claim: "is held by another person, or nobody, according to the log",
  place: "has another place in the queue according to the log",
  items: "has other items according to the log",
  unapproved: "records an action that needs two people, without their approval",
  count: "is not the correct count",
  "not-in-log": "is an approval that is not in the log",
  "not-in-table": "is missing, although the log says that two people approved it",
  "approval-differs": "is not what two people approved according to the log",
  "signature-differs": "has another signature than the one in the log",
  "same-key": "was signed by both people with one key: one of them may be the other",
  "key-unknown": "was signed with a key that the custodian never enrolled for this person",
  "signature-missing": "was not signed by a person who had enrolled a key, or whose signature it needs",
  "signature-wrong": "was not signed by the people that the log names",
}

function rowWords({ table, id, what }: NonNullable<ServiceResult["row"]>, events: number): string {
  return `The log of ${countOf(events, "event")} is valid, but the tables differ: the row ${inert(id)} of ${table} ${ROW_WORDS[what]}.`
}
