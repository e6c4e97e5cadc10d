/**
 * Findings of scans that belong to no case, with the signals that they were decided on: for trials of policies.
 * @module
 */
import { Finding } from "@nightlight/contract"
import { compact, DECISIONS, type Decision, hasCode, type JsonValue, type Match } from "@nightlight/core"
import type { KnownMatch, KnownSignals } from "@nightlight/screening"
import type { Kysely } from "kysely"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { PastDecision, PastDecisions, Period } from "../policies/types.ts"
import { DOCUMENT_PURPOSE, documentKey } from "./kept-document.ts"
import { countByState, readKeptByTime } from "./past-store.ts"

/** Dependencies of {@link pastFindings}. */
export interface PastFindingsDeps {
  readonly db: Kysely<Tables>
  readonly contextKeys: ContextKeys
}

/** Findings of scans that arrived without evidence, by time of arrival. */
export function pastFindings(deps: PastFindingsDeps): PastDecisions {
  return {
    count: async (period) => {
      const counts = await countByState(deps.db, period)
      return sum(counts.filter(({ state, origin }) => state === "kept" && origin === "dataset"))
    },
    read: async (period, page) => {
      const rows = await readKeptByTime(deps.db, period, page)
      const opened = new Map<string, JsonValue>()
      for (const [source, own] of Map.groupBy(rows, (row) => row.source_id)) await openAll(deps, source, own, opened)
      return rows.map((row) => toPast(row, opened.get(row.record_id)))
    },
  }
}

/** How many received findings of a period no policy can be tried on, and why. */
export async function countFindingsWithoutTrial(
  { db }: Pick<PastFindingsDeps, "db">,
  period: Period,
): Promise<{ readonly unproven: number; readonly exchanges: number }> {
  const counts = await countByState(db, period)
  return {
    unproven: sum(counts.filter(({ state }) => state !== "kept" && state !== "verified")),
    exchanges: sum(counts.filter(({ state, origin }) => state === "kept" && origin !== "dataset")),
  }
}

type Row = Awaited<ReturnType<typeof readKeptByTime>>[number]

async function openAll(
  { db, contextKeys }: PastFindingsDeps,
  source: string,
  rows: readonly Row[],
  opened: Map<string, JsonValue>,
): Promise<void> {
  const sealed = rows.filter(({ document }) => document !== null)
  try {
    const documents = await contextKeys.openMany(
      db,
      documentKey(source),
      DOCUMENT_PURPOSE,
      sealed.map(({ document }) => document ?? Buffer.alloc(0)),
    )
    for (const [index, { record_id }] of sealed.entries()) opened.set(record_id, documents[index] ?? null)
  } catch (error) {
    // Their contents were destroyed; they are only counted.
    if (!hasCode(error, "not_found") && !hasCode(error, "key_unusable")) throw error
  }
}

function toPast(row: Row, document: JsonValue | undefined): PastDecision {
  const { record_id: id, received_at: at, decision, finding_id: findingId } = row
  const parsed = Finding.safeParse(document)
  const isKnown = parsed.success && (DECISIONS as readonly string[]).includes(decision)
  return compact({
    id,
    at,
    decision: decision as Decision,
    place: { findingId },
    known: isKnown ? knownOf(parsed.data) : undefined,
  })
}

/** A list of this length may be truncated: a pushed line has room for no more. */
const CUT_AT = 100

/** A finding states everything except scores and whether there was a list; the latter follows from its decision. */
function knownOf({ matches, weakMatches, mediaType, kind, cause, decision }: Finding): KnownSignals {
  const known = [...matches, ...weakMatches] as readonly Match[]
  const isScreened = known.some(({ trust }) => trust !== "test") || decision === "clear"
  return {
    mediaType,
    kind,
    inconclusive: (cause ?? "none") as NonNullable<KnownSignals["inconclusive"]>,
    ...compact({
      matches: matches.length < CUT_AT ? matches.map(toKnown) : undefined,
      weakMatches: weakMatches.length < CUT_AT ? weakMatches.map(toKnown) : undefined,
      // Matched content never reaches a classifier.
      scores: matches.length > 0 ? [] : undefined,
      screened: decision === "unscreened" ? false : isScreened || undefined,
    }),
  }
}

function toKnown(match: Finding["matches"][number]): KnownMatch {
  return { ...(match as Match), declared: match.declared ?? false }
}

function sum(counts: readonly { readonly findings: number }[]): number {
  return counts.reduce((total, { findings }) => total + findings, 0)
}
