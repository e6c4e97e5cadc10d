/**
 * Verifies the whole log: reports where it first differs from what was appended, and what could not be checked.
 * @module
 */
import { IntegrityError, type Verifier } from "@nightlight/core"
import {
  type AuditEvent,
  type AuditProblem,
  type AuditVerification,
  AuditWalk,
  type Checkpoint,
  type CheckpointKeys,
  parseAuditLine,
  parseCheckpoint,
} from "@nightlight/vault/audit"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../db/tables.ts"
import { isEventSealed } from "./event-seal.ts"

/** Options of {@link verifyLog}. */
export interface VerifyLogOptions {
  /**
   * The custodian's checkpoint keys. A checkpoint that none of them signed for its part of the log is a problem.
   * Without them the database's checkpoints are not checked.
   */
  readonly verifier?: Verifier | CheckpointKeys
  /** Checkpoints stored elsewhere: the custodian's own, or those of a file. */
  readonly checkpoints?: readonly Checkpoint[]
  readonly signal?: AbortSignal
  /** How long a lock of a table is waited for before the table counts as unreadable, ms; one minute by default. */
  readonly lockMs?: number
  /** Called with each valid event, in order. */
  readonly visit?: (event: AuditEvent) => void
  /** Called with the number of events read since the last call. */
  readonly onPage?: (events: number) => void
  /** Runs after the last event, in the same snapshot, if all of them are valid. */
  readonly afterwards?: (db: Kysely<Tables>) => Promise<void>
}

/** Small enough that a process that reads a page answers calls meanwhile. */
const PAGE = 1_000
const LOCK_MS = 60_000

/** One row of the log: the columns that other queries read must agree with the line. */
interface Row {
  readonly seq: string
  readonly at: string
  readonly type: string
  readonly actor: string
  readonly hash: string
  readonly subject: string | null
  readonly line: string
  readonly mac: string
}

/**
 * Verifies the log in the database. Writes nothing; reads in one snapshot, so that events appended meanwhile are no
 * problem.
 *
 * @throws {DependencyError} `unavailable`.
 */
export async function verifyLog(
  db: Kysely<Tables>,
  { verifier, checkpoints: given = [], signal, lockMs = LOCK_MS, visit, onPage, afterwards }: VerifyLogOptions,
): Promise<AuditVerification> {
  return db
    .transaction()
    .setIsolationLevel("repeatable read")
    .setAccessMode("read only")
    .execute(async (trx) => {
      // The owner of the database could hold a lock for ever, and nothing would be verified any more.
      await sql`SELECT set_config('lock_timeout', ${String(lockMs)}, true)`.execute(trx)
      const parsed = verifier === undefined ? [] : await readOwn(trx, verifier)
      const walk = new AuditWalk(
        parsed.filter((checkpoint) => checkpoint !== undefined),
        given,
      )
      const problem = (await walkRows(trx, walk, { signal, visit, onPage })) ?? walk.end() ?? untrusted(parsed)
      if (problem === undefined) await afterwards?.(trx)
      return walk.result(problem)
    })
}

/** The database's checkpoints; `undefined` if a row is not a signed one. */
async function readOwn(
  trx: Kysely<Tables>,
  verifier: Verifier | CheckpointKeys,
): Promise<readonly (Checkpoint | undefined)[]> {
  const rows = await trx
    .selectFrom("event_checkpoints")
    .select(["restarts", "seq", "line"])
    .orderBy("restarts")
    .orderBy("seq")
    .execute()
  return rows.map(({ restarts, seq, line }) => {
    const checkpoint = parseCheckpoint(line, verifier)
    return checkpoint?.seq === Number(seq) && checkpoint.restarts === restarts ? checkpoint : undefined
  })
}

interface Watching {
  readonly signal: AbortSignal | undefined
  readonly visit: VerifyLogOptions["visit"]
  readonly onPage: VerifyLogOptions["onPage"]
}

async function walkRows(
  trx: Kysely<Tables>,
  walk: AuditWalk,
  { signal, visit, onPage }: Watching,
): Promise<AuditProblem | undefined> {
  for (let after = "0"; ; ) {
    signal?.throwIfAborted()
    const rows: readonly Row[] = await trx
      .selectFrom("events")
      .select(["seq", "at", "type", "actor", "hash", "subject", "line", "mac"])
      .where("seq", ">", after)
      .orderBy("seq")
      .limit(PAGE)
      .execute()
    for (const row of rows) {
      const due = walk.seq + 1
      const problem = walk.line(Buffer.from(row.line))
      if (problem !== undefined) return problem
      const event = eventOf(row)
      if (event === undefined) return { code: "event_edited", seq: due, throughSeq: due }
      if (!isEventSealed(trx, { seq: due, hash: row.hash }, row.mac))
        return { code: "event_unsealed", seq: due, throughSeq: due }
      visit?.(event)
    }
    onPage?.(rows.length)
    const last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return undefined
    after = last.seq
  }
}

/** The event of a row, if every column agrees with its line. */
function eventOf({ seq, at, type, actor, hash, subject, line }: Row): AuditEvent | undefined {
  const parsed = parseAuditLine(Buffer.from(line))
  if (parsed.kind !== "event") return undefined
  const { event } = parsed
  const isSame =
    Number(seq) === event.seq &&
    at === event.at &&
    type === event.type &&
    actor === event.actor &&
    hash === event.hash &&
    subject === (event.data["subject"] ?? null)
  return isSame ? event : undefined
}

function untrusted(parsed: readonly (Checkpoint | undefined)[]): AuditProblem | undefined {
  const line = parsed.indexOf(undefined)
  return line === -1 ? undefined : { code: "checkpoint_untrusted", seq: 0, throughSeq: 0, line: line + 1 }
}

/**
 * Reads checkpoints from the text of a file, one a line.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the key did not sign a line; `details.line` counts from 1.
 */
export function parseCheckpoints(text: string, verifier: Verifier | CheckpointKeys): readonly Checkpoint[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => {
      const checkpoint = parseCheckpoint(line, verifier)
      if (checkpoint === undefined) {
        throw new IntegrityError(
          "audit_chain_broken",
          `line ${index + 1} of the checkpoints is not signed by the key`,
          {
            details: { line: index + 1 },
          },
        )
      }
      return checkpoint
    })
}
