import { readFile } from "node:fs/promises"
import { compact, DependencyError, hasCode, RequestError } from "@nightlight/core"
import { readCheckpointKeys } from "@nightlight/vault/audit"
import { compareCaseCounts } from "../../casework/cases/queue/kept-counts.ts"
import { readProvenRestart } from "../../oversight/audit/restarts.ts"
import { verifyDatabase } from "../../oversight/audit/verify-database.ts"
import { readServerConfig } from "../../platform/config/read.ts"
import { copyPlaces, findPlace } from "../../platform/events/copies/places.ts"
import { exportLog } from "../../platform/events/export.ts"
import { transact } from "../../platform/events/transact.ts"
import { parseCheckpoints } from "../../platform/events/verify.ts"
import { createLog } from "../../platform/log.ts"
import { approvalWitnessIfAny } from "../../staff/approvals/verify-proofs.ts"
import { type Context, createContext } from "../context.ts"
import { performBreakGlass } from "./host-break-glass.ts"
import { writeProcessLine } from "./run-main.ts"
import type { HostAction, Start } from "./start-line.ts"

/**
 * Performs the action of a host command, as the application's role.
 *
 * @throws {RequestError} `config_invalid` if no action was named.
 */
export async function runHostAction(start: Start): Promise<void> {
  if (start.action === undefined) throw new RequestError("config_invalid", "no action was named")
  const { config, paths } = await readServerConfig(start.configPath)
  const log = createLog({ process: "host", level: config.log.level })
  const port = start.port ?? config.listen.port
  const context = await createContext({ config, paths, database: start.database, port, log })
  try {
    writeProcessLine({ event: "result", result: await perform(context, start.action) })
  } finally {
    await context.close()
  }
}

async function perform(context: Context, action: HostAction): Promise<object> {
  const { database } = context
  const db = database.kysely
  switch (action.name) {
    case "setup-link": {
      const link = await context.signIn.joining.createSetupLink()
      return link === undefined ? {} : { url: link.url, expiresAt: link.expiresAt.toISOString() }
    }
    case "joining-codes": {
      const made = await context.signIn.codes.make(action.people)
      return {
        codes: made.map(({ personId, email, code, expiresAt }) => ({
          person: personId,
          email,
          code,
          expiresAt: expiresAt.toISOString(),
        })),
      }
    }
    case "mark-restored":
      await context.restores.mark(compact({ id: action.backup, madeAt: action.madeAt }))
      return { paused: true }
    case "note-backup":
      await noteEvent(context, "backup.made", { backup: action.backup })
      return { noted: true }
    case "note-drill":
      await noteEvent(context, "backup.drilled", { backup: action.backup, outcome: action.outcome })
      return { noted: true }
    case "reconcile":
      return { ...(await context.restores.reconcile()) }
    case "verify-log": {
      const verifier = readCheckpointKeys(await readText(action.key, "the custodian's public key"))
      const text =
        action.place === undefined
          ? action.checkpoints === undefined
            ? ""
            : await readText(action.checkpoints, "a file of checkpoints")
          : await readPlace(context, action.place)
      const witness = await approvalWitnessIfAny(context.custodian)
      const checkpoints = parseCheckpoints(text, verifier)
      const signing = context.config.approvals.signed
      const onProgress = reportAfterASecond()
      return verifyDatabase(db, { verifier, checkpoints, signing, onProgress, ...compact({ witness }) })
    }
    case "checkpoint-restart":
      return readProvenRestart(db, action.restartId)
    case "export-log":
      return { events: await exportLog(db, action.dir) }
    case "rewrap-context-key":
      return { ...(await context.rewrapContextKey(reportAfterASecond())) }
    case "check-counts": {
      const differences = await compareCaseCounts(db)
      return { ok: differences.length === 0, differences }
    }
    case "break-glass-reset":
    case "break-glass-administrator":
    case "break-glass-open":
    case "break-glass-list":
      return performBreakGlass({ breakGlass: context.signIn.breakGlass, custodian: context.custodian }, action)
    default:
      return action satisfies never
  }
}

/** Reports progress after the first second, so that short actions print none. */
function reportAfterASecond(): (done: number, total: number) => void {
  const from = performance.now() + 1_000
  return (done, total) => {
    if (performance.now() >= from) writeProcessLine({ event: "progress", done, total })
  }
}

function noteEvent({ database, clock }: Context, type: string, data: Readonly<Record<string, string>>): Promise<void> {
  return transact({ db: database.kysely, clock }, "system-host", async ({ record }) => {
    record({ type, subject: "installation", data })
  })
}

function readText(path: string, what: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", `${what} is not in ${path}`)
    if (hasCode(error, "EISDIR")) throw new RequestError("input_invalid", `${path} is a folder, not a file`)
    throw new DependencyError("source_unreadable", `${what} cannot be read`)
  })
}

/**
 * Reads the checkpoints of a copy's place. An empty place is refused: a verification without anything to compare with
 * would look like a clean one.
 */
async function readPlace(context: Context, name: string): Promise<string> {
  const lines = await findPlace(copyPlaces(context), name).read()
  if (lines.length > 0) return lines.join("\n")
  throw new RequestError("not_found", "this place holds no checkpoint: there is nothing to compare with", {
    hint: "The console's health page says whether copies were made there. If they were, somebody has removed them.",
  })
}
