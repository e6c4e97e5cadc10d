/**
 * What the night shift decides: without looking, with a reason in words.
 * @module
 */
import type { CaseSummary, DecisionBody } from "@nightlight/contract/server"
import { DependencyError } from "@nightlight/core"
import { type Caller, until } from "./caller.ts"
import type { Office } from "./invite-people.ts"

/** A decision to be given: what the body of the call holds besides version and finds. */
export type Given = Pick<DecisionBody, "basis" | "rationale" | "category">

/** Waits until everything that was pushed stands in a case, was denied or was refused. */
export async function untilTaken({ first, signal }: Pick<Office, "first" | "signal">, findings: number): Promise<void> {
  let stands = ""
  await until(
    () => `the findings to be taken in: ${stands}`,
    signal,
    async () => {
      const { counts } = await first.must<{
        readonly counts: readonly { readonly state: string; readonly code?: string; readonly findings: number }[]
      }>("GET", "/v1/intake")
      stands = counts.map(({ state, code = "", findings: count }) => `${count} ${state} ${code}`.trim()).join(", ")
      const ended = counts.filter(({ state }) => state !== "waiting")
      return ended.reduce((sum, row) => sum + row.findings, 0) >= findings ? true : undefined
    },
  )
}

/** Undecided cases, to be taken one by one. */
export async function openCases(
  reviewer: Caller,
): Promise<(kind: CaseSummary["kind"], band: CaseSummary["band"]) => CaseSummary> {
  const { cases } = await reviewer.must<{ readonly cases: readonly CaseSummary[] }>(
    "GET",
    "/v1/cases?state=open&limit=200",
  )
  const left = [...cases]
  return (kind, band) => {
    const at = left.findIndex((entry) => entry.kind === kind && entry.band === band)
    const [taken] = at < 0 ? [] : left.splice(at, 1)
    if (taken === undefined) throw new DependencyError("answer_malformed", `no ${band} case of kind ${kind} is there`)
    return taken
  }
}

/** Claims a case and decides it; what is to be reported is included and classified, each find alike. */
export async function decide(reviewer: Caller, caseId: string, given: Given): Promise<void> {
  const { version } = await reviewer.must<{ readonly version: number }>("GET", `/v1/cases/${caseId}`)
  const claimed = await reviewer.must<{ readonly version: number }>("POST", `/v1/cases/${caseId}/claim`, { version })
  const isReported = given.basis !== "not-violation" && given.basis !== "policy-violation"
  const finds = isReported ? await included(reviewer, caseId) : []
  await reviewer.must("POST", `/v1/cases/${caseId}/decisions`, { version: claimed.version, ...given, finds })
}

/** What is exact, classified; where nothing is, the person decides to include what looks alike. */
async function included(reviewer: Caller, caseId: string): Promise<DecisionBody["finds"]> {
  const { finds } = await reviewer.must<{
    readonly finds: readonly { readonly findId: string; readonly strength: string }[]
  }>("GET", `/v1/cases/${caseId}/finds`)
  const exact = finds.filter(({ strength }) => strength === "exact")
  return (exact.length > 0 ? exact : finds).map(({ findId }) => ({
    findId,
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
    await until(
      () => `case ${caseId} to be in ${state}`,
      signal,
      async () => {
        const head = await reader.must<{ readonly state: string }>("GET", `/v1/cases/${caseId}`)
        return head.state === state ? true : undefined
      },
    )
  }
}
