import type { AuditEvent } from "@nightlight/vault/audit"
import { type Kysely, sql } from "kysely"
import type { Tables } from "../db/tables.ts"
import { toAuditEvent } from "./read.ts"

/** Subjects and types that {@link walkSubjects} reads. */
export interface SubjectRange {
  /** Subjects after this one. */
  readonly after: string
  /** Up to and including this one. */
  readonly last: string
  readonly types: readonly string[]
}

const PAGE = 2_000

/**
 * Reads any number of events subject by subject, each subject's in order: a page at a time, in the order of an index.
 * Their MACs are not checked: the log was verified before, in the same snapshot.
 *
 * @throws {IntegrityError} `audit_chain_broken` if a line is no event.
 */
export async function* walkSubjects(
  db: Kysely<Tables>,
  { after, last, types }: SubjectRange,
): AsyncGenerator<AuditEvent> {
  for (let [subject, seq] = [after, String(Number.MAX_SAFE_INTEGER)]; ; ) {
    const rows = await db
      .selectFrom("events")
      .select(["subject", "seq", "line"])
      .where(sql<boolean>`(subject, seq) > (${subject}, ${seq}::bigint)`)
      .where("subject", "<=", last)
      .where("type", "in", types)
      .orderBy("subject")
      .orderBy("seq")
      .limit(PAGE)
      .execute()
    for (const { line } of rows) yield toAuditEvent(line)
    const end = rows.at(-1)
    if (end === undefined || rows.length < PAGE) return
    ;[subject, seq] = [end.subject ?? "", end.seq]
  }
}
