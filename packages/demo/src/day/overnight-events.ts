/**
 * The night shift: decisions, reports in each state, and work for counsel. The other cases are left for the day.
 * @module
 */
import { type FilingGrant, proveGrant } from "@nightlight/contract/custodian"
import type { CaseSummary, DecisionBody } from "@nightlight/contract/server"
import { DAY_MS, DependencyError } from "@nightlight/core"
import { type Caller, request, type Worker, waitUntil } from "./caller.ts"

const REPORT = {
  basis: "18-usc-2252a",
  rationale: "Made up for the demonstration. The file is the one on the trusted list.",
  category: "generated-shapes",
} as const
const NOT_VIOLATION = {
  basis: "not-violation",
  rationale: "Made up for the demonstration. The picture shows shapes; the entry of the list looks like a mistake.",
} as const

/** Cases to be reported, by what happens afterwards. */
const REPORTED = {
  refused: "dataset",
  filed: "account",
  proposed: "account",
  draft: "dataset",
  preserved: "account",
  disclosed: "account",
} as const satisfies Readonly<Record<string, CaseSummary["kind"]>>

/** Ids of the cases to be reported. */
export type Reported = Readonly<Record<keyof typeof REPORTED, string>>

/**
 * Decides some open cases, and flags one as imminent danger.
 *
 * @returns Ids of the cases to be reported, of one that is no violation (`cleared`), and of one that is none if a second
 *   person agrees (`doubted`). Another one waits for its second review.
 */
export async function firstDecisions(reviewer: Caller) {
  const { cases } = await reviewer.callOrThrow<{ cases: CaseSummary[] }>("GET", "/v1/cases?state=open&limit=200")
  const take = (kind: CaseSummary["kind"], band: CaseSummary["band"] = "exact"): string => {
    const index = cases.findIndex((entry) => entry.kind === kind && entry.band === band)
    const [taken] = index < 0 ? [] : cases.splice(index, 1)
    if (taken === undefined) throw new DependencyError("answer_malformed", `no ${band} case of kind ${kind} is there`)
    return taken.caseId
  }
  const doubted = await decide(reviewer, take("account"), NOT_VIOLATION)
  await decide(reviewer, take("dataset"), NOT_VIOLATION)
  const cleared = await decide(reviewer, take("dataset", "near"), NOT_VIOLATION)
  const reported: [string, string][] = []
  for (const [name, kind] of Object.entries(REPORTED)) {
    reported.push([name, await decide(reviewer, take(kind), REPORT)])
  }
  await reviewer.callOrThrow("POST", `/v1/cases/${take("account")}/danger`)
  return { reported: Object.fromEntries(reported) as Reported, cleared, doubted }
}

/** Disagrees with the first decision once it has taken effect. */
export async function recordDisagreement(secondReviewer: Caller, caseId: string, signal: AbortSignal): Promise<void> {
  await waitForState("second-review", secondReviewer, caseId, signal)
  await decide(secondReviewer, caseId, REPORT)
}

/** Claims a case and decides it. A reportable decision includes and classifies every item the same way. */
async function decide(reviewer: Caller, caseId: string, decision: Partial<DecisionBody>): Promise<string> {
  const path = `/v1/cases/${caseId}`
  const { version } = await reviewer.callOrThrow<{ version: number }>("GET", path)
  const claimed = await reviewer.callOrThrow<{ version: number }>("POST", `${path}/claim`, { version })
  const included = decision === REPORT ? await itemIds(reviewer, caseId) : []
  const items = included.map((itemId) => ({ itemId, included: true, classification: "B2", annotations: [] }))
  await reviewer.callOrThrow("POST", `${path}/decisions`, { ...decision, version: claimed.version, items })
  return caseId
}

/** Ids of a case's items. */
export async function itemIds(reader: Caller, caseId: string): Promise<readonly string[]> {
  type Items = { readonly items: readonly { readonly itemId: string }[] }
  return (await reader.callOrThrow<Items>("GET", `/v1/cases/${caseId}/items`)).items.map(({ itemId }) => itemId)
}

/** Waits until a case is in the state. A decision takes effect after ten seconds. */
export async function waitForState(state: CaseSummary["state"], reader: Caller, caseId: string, signal: AbortSignal) {
  await waitUntil(`case ${caseId} to be in ${state}`, signal, async () => {
    return (await reader.callOrThrow<{ state: string }>("GET", `/v1/cases/${caseId}`)).state === state
  })
}

interface Head {
  readonly id: string
  readonly version: number
  readonly state: string
}

/** Makes four reports: two filed, one waiting for approval, one draft. The CyberTipline refuses the first. */
export async function makeReports(reporter: Worker, counsel: Worker, cases: Reported, signal: AbortSignal) {
  const prove = ({ id, key }: Worker, grant: FilingGrant) => proveGrant(grant, id, key.privateKey)
  const begin = (caseId: string) => reporter.callOrThrow<Head>("POST", `/v1/cases/${caseId}/reports`, {})
  const propose = async (caseId: string) => {
    const { id, version } = await begin(caseId)
    const path = `/v1/reports/${id}`
    type Prepared = { readonly report: Head; readonly grant: FilingGrant }
    const { report, grant } = await reporter.callOrThrow<Prepared>("POST", `${path}/grant`, { version })
    const body = { version: report.version, proof: await prove(reporter, grant) }
    const head = await reporter.callOrThrow<Head>("POST", `${path}/propose`, body)
    return { path, grant, version: head.version }
  }
  const file = async (caseId: string, end: string) => {
    const { path, grant, version } = await propose(caseId)
    await counsel.callOrThrow("POST", `${path}/approve`, { version, proof: await prove(counsel, grant) })
    await waitUntil(`the report of ${caseId} to be ${end}`, signal, async () => {
      const { report } = await reporter.callOrThrow<{ report: Head }>("GET", path)
      return report.state === end
    })
  }
  await file(cases.refused, "held")
  await file(cases.filed, "finished")
  await propose(cases.proposed)
  await begin(cases.draft)
}

/** Places a hold, extends a preservation, and records a request whose disclosure waits for a second person. */
export async function fillCounselsWorklist(counsel: Worker, { preserved, disclosed }: Reported): Promise<void> {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
  const hold = { reason: "litigation", reference: "Example v. Example, made up", until: inDays(200) }
  await counsel.callOrThrow("POST", `/v1/cases/${disclosed}/holds`, hold)
  await counsel.callOrThrow("POST", `/v1/cases/${preserved}/preservation/extend`, { until: inDays(400) })
  const scope = { agency: "Example County", officer: "On duty", scope: "Made up.", reference: "2026-0113" }
  const body = { kind: "legal-process", scope, receivedAt: inDays(-2), dueAt: inDays(6) }
  const { requestId } = await counsel.callOrThrow<{ requestId: string }>("POST", "/v1/requests", body)
  const path = `/v1/requests/${requestId}`
  await counsel.callOrThrow("POST", `${path}/cases`, { caseId: disclosed })
  await request(counsel, `${path}/disclosures`, { caseId: disclosed, kind: "custody-record" })
}

/** Reports the match of a case that was decided to be no violation as a false positive. */
export async function falsePositive(reviewer: Caller, caseId: string): Promise<void> {
  const body = { caseId, itemId: (await itemIds(reviewer, caseId))[0], reason: "different-picture" }
  await reviewer.callOrThrow("POST", "/v1/lists/known-shapes/false-positives", body)
}
