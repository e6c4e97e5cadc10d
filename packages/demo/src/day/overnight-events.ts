/**
 * What the night shift decided before the day shift comes, and what waits for it.
 * @module
 */
import type { CaseSummary, DecisionBody } from "@nightlight/contract/server"
import { DependencyError } from "@nightlight/core"
import type { Worker } from "./approvals.ts"
import { type Caller, until } from "./caller.ts"

/** What the body of a decision holds besides version and items. */
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

/** Cases that are to be reported, by what follows. */
const REPORTED = {
  refused: "dataset",
  filed: "account",
  proposed: "account",
  draft: "dataset",
  held: "direct",
  extended: "dataset",
  disclosed: "account",
} as const satisfies Readonly<Record<string, Kind>>

/** Ids of the cases that are to be reported. */
export type Reported = Readonly<Record<keyof typeof REPORTED, string>>

/** Ids of the cases that two people judge: alike, and not. */
export interface Doubted {
  readonly agreed: string
  readonly disagreed: string
}

/** Decides what is judged twice, as early as can be: it takes longest. */
export async function firstDoubts(reviewer: Caller): Promise<Doubted> {
  const { give } = await openCases(reviewer)
  return {
    agreed: await give("account", "exact", NOT_VIOLATION),
    disagreed: await give("account", "exact", NOT_VIOLATION),
  }
}

/** Judges a second time where the first decision has taken effect: once alike, once not. */
export async function secondDecisions(
  secondReviewer: Caller,
  signal: AbortSignal,
  { agreed, disagreed }: Doubted,
): Promise<void> {
  await untilIn("second-review", secondReviewer, signal, [agreed, disagreed])
  await decide(secondReviewer, agreed, NOT_VIOLATION)
  await decide(secondReviewer, disagreed, REPORT)
}

/** Decides what needs one person, and what waits for a second one until the day; one case is flagged as dangerous. */
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
  await reviewer.must("POST", `/v1/cases/${take("account", "exact")}/danger`)
  return { reported: Object.fromEntries(reported) as Reported, cleared }
}

/** Undecided cases, to be taken one by one. */
async function openCases(reviewer: Caller) {
  const { cases } = await reviewer.must<{ cases: CaseSummary[] }>("GET", "/v1/cases?state=open&limit=200")
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

/** Claims a case and decides it; what is to be reported is included and classified, each item alike. */
async function decide(reviewer: Caller, caseId: string, decision: Decision): Promise<void> {
  const path = `/v1/cases/${caseId}`
  const { version } = await reviewer.must<{ version: number }>("GET", path)
  const claimed = await reviewer.must<{ version: number }>("POST", `${path}/claim`, { version })
  const isReported = decision.basis !== "not-violation" && decision.basis !== "policy-violation"
  const caseItems = isReported ? await included(reviewer, path) : []
  await reviewer.must("POST", `${path}/decisions`, { ...decision, version: claimed.version, items: caseItems })
}

/** What is exact, classified; where nothing is, the person decides to include what looks alike. */
async function included(reviewer: Caller, path: string): Promise<DecisionBody["items"]> {
  const { items: caseItems } = await reviewer.must<{ items: { itemId: string; strength: string }[] }>(
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

/** Waits until each of the cases is in this state: a decision takes effect ten seconds after it was given. */
export async function untilIn(
  state: CaseSummary["state"],
  reader: Caller,
  signal: AbortSignal,
  caseIds: readonly string[],
): Promise<void> {
  for (const caseId of caseIds) {
    await until(`case ${caseId} to be in ${state}`, signal, async () => {
      return (await reader.must<{ state: string }>("GET", `/v1/cases/${caseId}`)).state === state
    })
  }
}
