/**
 * The decisions of the night: what was settled before the day shift comes, and what waits for it.
 * @module
 */
import type { CaseSummary } from "@nightlight/contract/server"
import type { Caller } from "./caller.ts"
import { decide, type Given, openCases, untilIn } from "./decisions.ts"
import type { NightShift, Office } from "./invite-people.ts"

/** Ids of the cases that the night shift decided. */
export interface Night {
  readonly reported: Reported
  /** A look-alike that turned out to be nothing. */
  readonly cleared: string
  /** Decided first, and waiting for somebody else's judgement. */
  readonly secondReview: readonly string[]
}

/** Ids of the cases that are judged twice. */
export interface Doubted {
  readonly agreed: string
  readonly disagreed: string
}

const WORDS = "Made up for the demonstration."

const REPORT: Given = {
  basis: "18-usc-2252a",
  rationale: `${WORDS} The file is the one on the trusted list; nothing in its origin speaks against it.`,
  category: "generated-shapes",
}
const NOT_VIOLATION: Given = {
  basis: "not-violation",
  rationale: `${WORDS} The picture shows overlapping shapes and nothing else; the entry of the list looks like a mistake.`,
}
const POLICY: Given = {
  basis: "policy-violation",
  rationale: `${WORDS} Against our own terms, not against the law.`,
}
const ENTICEMENT: Given = {
  basis: "18-usc-2422b",
  rationale: `${WORDS} The conversation around the picture is judged by a second person too.`,
}

type Kind = CaseSummary["kind"]
type Band = CaseSummary["band"]

/** To be reported, by what follows. */
const REPORTED = {
  refused: ["dataset", "exact"],
  filed: ["account", "exact"],
  proposed: ["account", "exact"],
  draft: ["dataset", "exact"],
  held: ["direct", "exact"],
  extended: ["dataset", "exact"],
  asked: ["account", "exact"],
} as const satisfies Readonly<Record<string, readonly [Kind, Band]>>

/** Ids of the cases to be reported, by what follows. */
export type Reported = Readonly<Record<keyof typeof REPORTED, string>>

/** Decides what is judged twice, as early as can be: it takes longest. */
export async function firstDoubts({ reviewer }: Pick<NightShift, "reviewer">): Promise<Doubted> {
  const give = giver(reviewer, await openCases(reviewer))
  return {
    agreed: await give("account", "exact", NOT_VIOLATION),
    disagreed: await give("account", "exact", NOT_VIOLATION),
  }
}

/** Decides what needs one person, or waits for a second one until the day. */
export async function firstDecisions({ reviewer }: Pick<NightShift, "reviewer">): Promise<Night> {
  const take = await openCases(reviewer)
  const give = giver(reviewer, take)
  const reported: [string, string][] = []
  for (const [name, [kind, band]] of Object.entries(REPORTED)) reported.push([name, await give(kind, band, REPORT)])
  const secondReview = [
    await give("account", "exact", NOT_VIOLATION),
    await give("account", "near", ENTICEMENT),
    await give("dataset", "exact", NOT_VIOLATION),
  ]
  const cleared = await give("dataset", "near", NOT_VIOLATION)
  await give("dataset", "lead", POLICY)
  await give("account", "lead", POLICY)
  await give("test", "test", NOT_VIOLATION)
  await reviewer.must("POST", `/v1/cases/${take("account", "exact").caseId}/danger`)
  return { reported: Object.fromEntries(reported) as Reported, cleared, secondReview }
}

function giver(reviewer: Caller, take: Awaited<ReturnType<typeof openCases>>) {
  return async (kind: Kind, band: Band, given: Given): Promise<string> => {
    const { caseId } = take(kind, band)
    await decide(reviewer, caseId, given)
    return caseId
  }
}

/** Judges a second time where the first decision has taken effect: once alike, once not. */
export async function secondDecisions(
  { signal }: Pick<Office, "signal">,
  { secondReviewer }: Pick<NightShift, "secondReviewer">,
  { agreed, disagreed }: Doubted,
): Promise<void> {
  await untilIn("second-review", secondReviewer, signal, [agreed, disagreed])
  await decide(secondReviewer, agreed, NOT_VIOLATION)
  await decide(secondReviewer, disagreed, REPORT)
}
