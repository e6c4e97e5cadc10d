/**
 * Every command of `nightlight`, with its options and help. Commands load what they need when they run.
 * @module
 */
import type { ExitCode } from "@nightlight/core"
import { Command } from "commander"
import { addAudit } from "./commands/audit.ts"
import { addBackup } from "./commands/backup.ts"
import { addBreakGlass } from "./commands/break-glass.ts"
import { addConformance } from "./commands/conformance.ts"
import { addConsole } from "./commands/console.ts"
import type { CommandContext } from "./commands/context.ts"
import { addCustodian } from "./commands/custodian.ts"
import { addDemo } from "./commands/demo.ts"
import { addDoctor } from "./commands/doctor.ts"
import { addEvidence } from "./commands/evidence.ts"
import { addFindings } from "./commands/findings.ts"
import { addGuard } from "./commands/guard.ts"
import { addHash } from "./commands/hash.ts"
import { addHunt } from "./commands/hunt.ts"
import { addInit } from "./commands/init.ts"
import { addKeys } from "./commands/keys/index.ts"
import { addLists } from "./commands/lists.ts"
import { addManifest } from "./commands/manifest.ts"
import { addPeople } from "./commands/people.ts"
import { addPlan } from "./commands/plan.ts"
import { addPolicy } from "./commands/policy.ts"
import { addProvenance } from "./commands/provenance.ts"
import { addPurge } from "./commands/purge.ts"
import { addPush } from "./commands/push.ts"
import { addScan } from "./commands/scan.ts"
import { addSchedule } from "./commands/schedule.ts"
import { addSource } from "./commands/source.ts"
import { addUp } from "./commands/up.ts"
import type { Io } from "./terminal/io.ts"
import { processIo } from "./terminal/process-io.ts"
import { VERSION } from "./version.ts"

const HELP = `
A first scan:
  nightlight init
  nightlight lists import hashes.csv --name our-list --trust trusted
  nightlight scan ./dataset --out ./clean

Exit codes:
  0 done                          4 a check failed
  1 findings under --fail-on     10 try again later
  2 wrong use                    42 a broken or hostile shard was set aside
  3 unscreened: no real list     50 stopped for a person
  5 most was not looked into     70 a fault of nightlight itself`

/**
 * Builds the command line.
 *
 * @param done - told the exit code of the command that ran.
 */
export function createProgram(io: Io = processIo(), done: (code: ExitCode) => void = () => {}): Command {
  const program = new Command("nightlight")
    .description("Safety by Design for generative AI: screens training data against hash lists")
    .version(VERSION, "--version", "print the version")
    .option("--workspace <folder>", "the workspace (default: the current folder, or NIGHTLIGHT_WORKSPACE)")
    .helpOption("-h, --help", "show help")
    .addHelpText("after", HELP)
    .showHelpAfterError("(nightlight --help shows every command)")
    .configureOutput({ writeOut: io.out, writeErr: io.err })
    .exitOverride()
  const context: CommandContext = { io, done }
  for (const add of [
    addInit,
    addLists,
    addScan,
    addFindings,
    addPlan,
    addSchedule,
    addHunt,
    addPurge,
    addPush,
    addSource,
    addManifest,
    addPolicy,
    addEvidence,
    addKeys,
    addAudit,
    addGuard,
    addProvenance,
    addConformance,
    addUp,
    addConsole,
    addCustodian,
    addBackup,
    addBreakGlass,
    addPeople,
    addDoctor,
    addDemo,
    addHash,
  ]) {
    add(program, context)
  }
  return program
}
