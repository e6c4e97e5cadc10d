/**
 * Verifies a workspace's log, with the result in words.
 * @module
 */
import { readFile } from "node:fs/promises"
import { hasCode, RequestError } from "@nightlight/core"
import {
  type AuditProblem,
  type AuditVerification,
  type LoggedRestart,
  readCheckpoints,
  verifyAuditLog,
} from "@nightlight/vault/audit"
import type { Workspace } from "../workspace/workspace.ts"

/** A verification, with a sentence for a person. */
export interface AuditReport extends AuditVerification {
  readonly words: string
}

/** Words for each problem, by code. */
const PROBLEM_WORDS: Readonly<Record<AuditProblem["code"], string>> = {
  event_malformed: "is not an event",
  event_edited: "was edited",
  event_out_of_order: "is not the one expected at its place",
  chain_broken: "is not chained to the one before it",
  checkpoint_differs: "differs from the one that a checkpoint was signed for",
  log_truncated: "is missing: the log was cut off or restored from an earlier copy",
  checkpoint_untrusted: "cannot be verified: a checkpoint is not what the workspace's key signed",
  event_unsealed: "was written without the service's key",
  tail_torn: "was never finished; the next command that writes the log records that",
}

/**
 * Verifies the log against its own checkpoints, their configured copy, and one more file of them.
 *
 * @throws {RequestError} `not_found` if the named file is missing; `input_invalid` if it is a folder.
 */
export async function verifyAudit(workspace: Workspace, checkpointFile?: string): Promise<AuditReport> {
  const { layout, config, verifier } = workspace
  const files = [config.audit.checkpointCopy, checkpointFile].filter((file) => typeof file === "string")
  const checkpoints = []
  for (const file of files) {
    await assertThere(file)
    const read = await readCheckpoints(file, verifier)
    checkpoints.push(...read.checkpoints)
  }
  const result = await verifyAuditLog(layout.audit, verifier, { checkpoints })
  return { ...result, words: auditWords(result) }
}

/** Puts a verification into a sentence or two. */
export function auditWords({
  ok,
  problem,
  events,
  unchangedThroughSeq,
  unchangedSince,
  presentThroughSeq,
  unattested,
  restarts = [],
}: AuditVerification): string {
  if (!ok && problem !== undefined) {
    const place =
      problem.seq === problem.throughSeq
        ? `Event ${problem.seq}`
        : `An event from ${problem.seq} to ${problem.throughSeq}`
    return `${place} ${PROBLEM_WORDS[problem.code]}. ${events} events before it are valid.`
  }
  const behind = unattested === undefined ? "" : ` No checkpoint covers ${eventsBetween(unattested)} yet.`
  const shown = unchangedSince === undefined ? "" : ` since ${unchangedSince}`
  const end =
    presentThroughSeq === 0
      ? " Without a checkpoint kept elsewhere (--checkpoint), the log cannot show whether its end was cut off."
      : ` No event up to ${presentThroughSeq} was cut off.`
  return `The log of ${events} ${events === 1 ? "event" : "events"} is valid; no event up to ${unchangedThroughSeq} was changed${shown}.${end}${restarts.map(restartWords).join("")}${behind}`
}

function eventsBetween({ fromSeq, throughSeq }: { readonly fromSeq: number; readonly throughSeq: number }): string {
  if (fromSeq === throughSeq) return `event ${fromSeq}`
  return `events ${fromSeq} to ${throughSeq} (${throughSeq - fromSeq + 1})`
}

const REASON_WORDS: Readonly<Record<string, string>> = {
  "database-restored": "the database was restored",
  "log-rewritten": "the log was rewritten",
  "clock-wrong": "a clock was wrong",
  "custodian-restored": "the custodian's folder was restored",
}

/** Words for what a restart leaves unproven. */
function restartWords({ at, person, reason, beforeSeq, startSeq, agreesThroughSeq }: LoggedRestart): string {
  const who = `${person} and the host restarted checkpoints at event ${startSeq} on ${at} (${REASON_WORDS[reason] ?? reason})`
  const from = agreesThroughSeq + 1
  const unseen = from === startSeq ? `event ${from} was` : `events ${from} to ${startSeq} were`
  const unsaid = from > startSeq ? "" : ` Nothing is known about what ${unseen} before that.`
  const lost =
    beforeSeq > agreesThroughSeq ? ` Earlier checkpoints cover events up to ${beforeSeq} of another log.` : ""
  return ` ${who}.${unsaid}${lost}`
}

async function assertThere(file: string): Promise<void> {
  await readFile(file).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) throw new RequestError("not_found", `there is no checkpoint file ${file}`)
    if (hasCode(error, "EISDIR"))
      throw new RequestError("input_invalid", `${file} is a folder, not a file of checkpoints`)
    throw error
  })
}
