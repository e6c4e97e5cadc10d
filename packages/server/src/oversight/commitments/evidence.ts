/**
 * Evidence in the log, projected as it grows: each event is counted once in the life of a process.
 * @module
 */
import { type Control, type ControlEvidence, canonicalJson, DAY_MS, utcDay } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { Tables } from "../../platform/db/tables.ts"
import { countDays, readHeadSeq } from "./store.ts"
import type { Proof } from "./types.ts"

/** Evidence of all controls, counted from the log and kept in memory. */
export interface EvidenceProjection {
  /** Counts what was appended since the last time. Must not run twice at once. */
  follow(db: Kysely<Tables>): Promise<void>
  /** Gives the proof of a control at a time; `undefined` if there is none. */
  proofOf(control: Control, now: Date): Proof | undefined
}

const YEAR_DAYS = 365

/** How far the clocks of several servers may differ: an event further in the future is no evidence yet. */
const SKEW_MS = 300_000

interface Counted {
  readonly days: Map<string, { readonly count: number; readonly newest: string }>
  throughSeq: number
}

/** Makes the projection of some controls' evidence. */
export function createEvidenceProjection(controls: readonly Control[]): EvidenceProjection {
  const kinds = new Map<string, ControlEvidence>()
  for (const evidence of controls.flatMap((control) => control.evidence)) kinds.set(keyOf(evidence), evidence)
  const counted = new Map<string, Counted>([...kinds.keys()].map((key) => [key, { days: new Map(), throughSeq: 0 }]))

  return {
    follow: async (db) => {
      const through = await readHeadSeq(db)
      for (const [key, evidence] of kinds) {
        const known = counted.get(key)
        if (known === undefined || known.throughSeq >= through) continue
        const rows = await countDays(db, evidence, { after: known.throughSeq, through })
        for (const { day, count, newest } of rows) {
          const before = known.days.get(day)
          known.days.set(day, {
            count: count + (before?.count ?? 0),
            newest: before !== undefined && before.newest > newest ? before.newest : newest,
          })
        }
        known.throughSeq = through
      }
    },
    proofOf: ({ evidence }, now) => {
      const latest = new Date(now.getTime() + SKEW_MS).toISOString()
      const firstDay = utcDay(new Date(now.getTime() - YEAR_DAYS * DAY_MS))
      let newest: { readonly kind: string; readonly at: string } | undefined
      let countLastYear = 0
      for (const each of evidence) {
        for (const [day, { count, newest: at }] of counted.get(keyOf(each))?.days ?? []) {
          if (at > latest) continue
          if (day >= firstDay) countLastYear += count
          if (newest === undefined || at > newest.at) newest = { kind: each.type, at }
        }
      }
      return newest && { kind: newest.kind, at: new Date(newest.at), countLastYear }
    },
  }
}

function keyOf({ type, where, exceptTestCases }: ControlEvidence): string {
  return canonicalJson([type, { ...where }, exceptTestCases ?? false])
}
