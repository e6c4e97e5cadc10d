/**
 * Decisions of the night shift, and cases left for the day shift.
 * @module
 */
import type { CaseSummary, DecisionBody } from "@nightlight/contract/server"
import { DependencyError } from "@nightlight/core"
import type { Worker } from "./approvals.ts"
import { type Caller, waitUntil } from "./caller.ts"

type Decision = Pick<DecisionBody, "basis" | "rationale" | "category">

const WORDS = "Made up for the demonstration."
const REPORT: Decision = {
  basis: "18-usc-2252a",
  rationale: `${WORDS} The file is the one on the trusted list; nothing in its origin speaks against it.`,
  category: "generated-shapes",
}
const NOT_VIOLATION: Decision = {
  basis: "not-violation",
  rationale: `${WORDS} The picture shows overlapping shapes and nothing else; the entry of the list looks like a mistake.`,
}
const POLICY: Decision = {
  basis: "policy-violation",
  rationale: `${WORDS} Against our own terms, not against the law.`,
}
const ENTICEMENT: Decision = {
  basis: "18-usc-2422b",
  rationale: `${WORDS} The conversation around the picture is judged by a second person too.`,
}

type Kind = CaseSummary["kind"]
type Band = CaseSummary["band"]

/** Cases to be reported, by what happens to the report. */
const REPORTED = {
  refused: "dataset",
  filed: "account",
  proposed: "account",
  draft: "dataset",
  held: "direct",
  extended: "dataset",
  disclosed: "account",
} as const satisfies Readonly<Record<string, Kind>>

/** Ids of the cases to be reported. */
export type Reported = Readonly<Record<keyof typeof REPORTED, string>>

/** Ids of two cases that two people judge: in one they agree, in the other they disagree. */
export interface Doubted {
  readonly agreed: string
  readonly disagreed: string
}

/** Makes the first decisions of cases with a second review, before everything else because they take longest. */
export async function firstDoubts(reviewer: Caller): Promise<Doubted> {
  const { give } = await openCases(reviewer)
  return {
    agreed: await give("account", "exact", NOT_VIOLATION),
    disagreed: await give("account", "exact", NOT_VIOLATION),
  }
}

/** Makes the second decisions when the first ones have taken effect: one agrees, one disagrees. */
export async function secondDecisions(
  secondReviewer: Caller,
  signal: AbortSignal,
  { agreed, disagreed }: Doubted,
): Promise<void> {
  await untilIn("second-review", secondReviewer, signal, [agreed, disagreed])
  await decide(secondReviewer, agreed, NOT_VIOLATION)
  await decide(secondReviewer, disagreed, REPORT)
}

/**
 * Decides cases that need one person, and cases whose second review waits for the day shift. Flags one case as imminent
 * danger.
 */
export async function firstDecisions(
  reviewer: Worker,
): Promise<{ readonly reported: Reported; readonly cleared: string }> {
  const { take, give } = await openCases(reviewer)
  const reported: [string, string][] = []
  for (const [name, kind] of Object.entries(REPORTED)) reported.push([name, await give(kind, "exact", REPORT)])
  await give("account", "exact", NOT_VIOLATION)
  await give("account", "near", ENTICEMENT)
  await give("dataset", "exact", NOT_VIOLATION)
  const cleared = await give("dataset", "near", NOT_VIOLATION)
  await give("dataset", "unverified", POLICY)
  await give("account", "unverified", POLICY)
  await give("test", "test", NOT_VIOLATION)
  await reviewer.callOrThrow("POST", `/v1/cases/${take("account", "exact")}/danger`)
  return { reported: Object.fromEntries(reported) as Reported, cleared }
}

/** Lists undecided cases. The returned function takes one at a time. */
async function openCases(reviewer: Caller) {
  const { cases } = await reviewer.callOrThrow<{ cases: CaseSummary[] }>("GET", "/v1/cases?state=open&limit=200")
  const take = (kind: Kind, band: Band): string => {
    const index = cases.findIndex((entry) => entry.kind === kind && entry.band === band)
    const [taken] = index < 0 ? [] : cases.splice(index, 1)
    if (taken === undefined) throw new DependencyError("answer_malformed", `no ${band} case of kind ${kind} is there`)
    return taken.caseId
  }
  const give = async (kind: Kind, band: Band, decision: Decision) => {
    const caseId = take(kind, band)
    await decide(reviewer, caseId, decision)
    return caseId
  }
  return { take, give }
}

/** Claims a case and decides it. A reportable decision includes and classifies every item the same way. */
async function decide(reviewer: Caller, caseId: string, decision: Decision): Promise<void> {
  const path = `/v1/cases/${caseId}`
  const { version } = await reviewer.callOrThrow<{ version: number }>("GET", path)
  const claimed = await reviewer.callOrThrow<{ version: number }>("POST", `${path}/claim`, { version })
  const isReported = decision.basis !== "not-violation" && decision.basis !== "policy-violation"
  const caseItems = isReported ? await included(reviewer, path) : []
  await reviewer.callOrThrow("POST", `${path}/decisions`, { ...decision, version: claimed.version, items: caseItems })
}

/** Includes and classifies exact matches; without any, includes the near ones. */
async function included(reviewer: Caller, path: string): Promise<DecisionBody["items"]> {
  const { items: caseItems } = await reviewer.callOrThrow<{ items: { itemId: string; strength: string }[] }>(
    "GET",
    `${path}/items`,
  )
  const exact = caseItems.filter(({ strength }) => strength === "exact")
  return (exact.length > 0 ? exact : caseItems).map(({ itemId }) => ({
    itemId,
    included: true,
    classification: "B2",
    annotations: [],
  }))
}

/** Waits until each case is in the state. A decision takes effect after ten seconds. */
export async function untilIn(
  state: CaseSummary["state"],
  reader: Caller,
  signal: AbortSignal,
  caseIds: readonly string[],
): Promise<void> {
  for (const caseId of caseIds) {
    await waitUntil(`case ${caseId} to be in ${state}`, signal, async () => {
      return (await reader.callOrThrow<{ state: string }>("GET", `/v1/cases/${caseId}`)).state === state
    })
  }
}
