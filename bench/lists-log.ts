/**
 * The log of an installation that has worked for years, as its cases came to be: a chain that verifies.
 * @module
 */
import type { Database } from "../packages/server/src/platform/db/pool.ts"
import { inTransaction } from "../packages/server/src/platform/db/transaction.ts"
import { appendEvents, type EventInput } from "../packages/server/src/platform/events/append.ts"
import { caseIdOf, uuidOf } from "./lists-material.ts"

const MINUTES_BETWEEN_CASES = 3
const KINDS = ["dataset", "account", "direct", "test"] as const
/** Of seven cases, by 'n / 7', these are decided: see the rows of lists-material.ts. */
const FIRST_DECIDED = 4

/** Appends what happened to each case, oldest first; `casesPerTransaction` cases share a transaction and its time. */
export async function fillLog(db: Database["kysely"], cases: number, casesPerTransaction: number): Promise<void> {
  const nowMs = Date.now()
  for (let last = cases; last > 0; last -= casesPerTransaction) {
    const now = new Date(nowMs - last * MINUTES_BETWEEN_CASES * 60_000)
    const numbers = Array.from({ length: Math.min(casesPerTransaction, last) }, (_, k) => last - k)
    const events = numbers.flatMap((n) => eventsOf(n, now.toISOString()))
    await inTransaction(db, (trx) => appendEvents(trx, { actor: "system-bench", events, clock: { now: () => now } }))
  }
}

function eventsOf(n: number, at: string): readonly EventInput[] {
  const subject = caseIdOf(n)
  const source = "source-bench"
  const caseItem = `item-${uuidOf(n)}`
  const kind = KINDS[n % KINDS.length] as (typeof KINDS)[number]
  const opened: EventInput[] = [
    { type: "case.opened", subject, data: { kind, source, group: uuidOf(n), at } },
    {
      type: "item.attached",
      subject,
      data: { item: caseItem, finding: uuidOf(n), source, strength: "unverified", lists: [`list-${n % 50}`], at },
    },
    { type: "finding.verified", subject: uuidOf(n), data: { source, case: subject, item: caseItem } },
  ]
  if (Math.trunc(n / 7) % 7 < FIRST_DECIDED) return opened
  const data = { decision: "d", basis: "not-violation", outcome: "not-violation", at, secondReview: "none" }
  return [...opened, { type: "case.decided", subject, data }]
}
