import { access } from "node:fs/promises"
import { RequestError, type Verifier } from "@nightlight/core"
import { type Checkpoint, checkpointsPath, readCheckpoints } from "./checkpoint.ts"
import { readLines } from "./lines.ts"
import { listSegments } from "./segments.ts"
import { type AuditProblem, type AuditVerification, AuditWalk, problemAt } from "./walk.ts"

/** Options of a log's verification. */
export interface VerifyAuditOptions {
  /** Checkpoints stored elsewhere, in any order: from `readCheckpoints` of the copy, or `parseCheckpoint`. */
  readonly checkpoints?: readonly Checkpoint[]
  readonly signal?: AbortSignal
}

/**
 * Reads a whole log and reports where it first differs from what was appended, and which part cannot be proven. Writes
 * nothing.
 *
 * @throws {RequestError} `not_found` if there is no such folder: an empty log would be a clean one.
 * @throws {DependencyError} `source_unreadable`.
 */
export async function verifyAuditLog(
  dir: string,
  verifier: Verifier,
  { checkpoints: given = [], signal }: VerifyAuditOptions = {},
): Promise<AuditVerification> {
  await access(dir).catch(() => {
    throw new RequestError("not_found", "there is no audit log here")
  })
  const own = await readCheckpoints(checkpointsPath(dir), verifier)
  const walk = new AuditWalk(own.checkpoints, given)
  const [badLine] = own.untrustedLines
  let problem: AuditProblem | undefined
  for (const { path, firstSeq } of await listSegments(dir)) {
    problem = walk.segment(firstSeq)
    if (problem !== undefined) break
    for await (const { bytes, torn } of readLines(path)) {
      signal?.throwIfAborted()
      problem = torn ? walk.torn() : walk.line(bytes)
      if (problem !== undefined) break
    }
    if (problem !== undefined) break
  }
  // An unfinished last line is the least of possible problems: cut-off events that a checkpoint names come first.
  if (problem === undefined || problem.code === "tail_torn") problem = walk.end() ?? problem
  if (problem === undefined && badLine !== undefined) {
    problem = { code: "checkpoint_untrusted", seq: 0, throughSeq: 0, line: badLine }
  }
  if (problem === undefined && own.tornBytes > 0) problem = problemAt("tail_torn", walk.seq + 1)
  return walk.result(problem)
}
