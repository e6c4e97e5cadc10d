/**
 * Makes reports in each state after the decisions, and work for counsel.
 * @module
 */
import type { FilingGrant } from "@nightlight/contract/custodian"
import { compact, DAY_MS } from "@nightlight/core"
import type { Simulator } from "@nightlight/cybertipline/simulator"
import { proveFiling, request, type Worker } from "./approvals.ts"
import { type Caller, waitUntil } from "./caller.ts"
import type { Reported } from "./overnight-events.ts"

interface Head {
  readonly id: string
  readonly version: number
  readonly state: string
}

/** The CyberTipline's response code for a report that fails schema validation. */
const VALIDATION_FAILED = 4100

/** Makes four reports: one refused by the simulator, one accepted, one waiting for approval, one draft. */
export async function makeReports(
  { reporter, counsel }: { readonly reporter: Worker; readonly counsel: Worker },
  { refused, filed, proposed, draft }: Reported,
  simulator: Pick<Simulator, "addFault">,
  signal: AbortSignal,
): Promise<void> {
  const begin = (caseId: string) => reporter.callOrThrow<Head>("POST", `/v1/cases/${caseId}/reports`, {})
  const propose = async (caseId: string) => {
    const { id, version } = await begin(caseId)
    const path = `/v1/reports/${id}`
    type Prepared = { readonly report: Head; readonly grant: FilingGrant }
    const { report, grant } = await reporter.callOrThrow<Prepared>("POST", `${path}/grant`, { version })
    const proof = await proveFiling(reporter, grant)
    const head = await reporter.callOrThrow<Head>("POST", `${path}/propose`, { version: report.version, proof })
    return { id, path, grant, version: head.version }
  }
  const file = async (caseId: string, end: string) => {
    const { id, path, grant, version } = await propose(caseId)
    await counsel.callOrThrow("POST", `${path}/approve`, { version, proof: await proveFiling(counsel, grant) })
    await waitUntil(`report ${id} to be ${end}`, signal, async () => {
      const { reports } = await reporter.callOrThrow<{ reports: Head[] }>("GET", `/v1/reports?caseId=${caseId}`)
      return reports.some((report) => report.id === id && report.state === end)
    })
  }
  const description = "made up for the demonstration"
  simulator.addFault({ on: "/submit", kind: "code", code: VALIDATION_FAILED, description })
  await file(refused, "held")
  await file(filed, "finished")
  await propose(proposed)
  await begin(draft)
}

/** Places holds and records requests of authorities. A disclosure waits for a second person. */
export async function fillCounselsWorklist(
  counsel: Worker,
  { held, extended, disclosed, filed }: Reported,
): Promise<void> {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
  const receive = async (kind: string, reference: string, caseId?: string, dueAt?: string) => {
    const scope = {
      agency: "Example County Computer Crime Unit",
      officer: "Investigator on duty",
      scope: "Made up.",
      reference,
    }
    const body = compact({ kind, scope, receivedAt: inDays(-2), dueAt })
    const { requestId } = await counsel.callOrThrow<{ requestId: string }>("POST", "/v1/requests", body)
    const path = `/v1/requests/${requestId}`
    if (caseId !== undefined) await counsel.callOrThrow("POST", `${path}/cases`, { caseId })
    return path
  }
  const reason = { reason: "litigation", reference: "Example v. Example, made up" }
  await counsel.callOrThrow("POST", `/v1/cases/${held}/holds`, { ...reason, until: inDays(200) })
  await counsel.callOrThrow("POST", `/v1/cases/${extended}/preservation/extend`, { until: inDays(400) })
  await receive("preservation-2703f", "2026-0107", filed)
  const process = await receive("legal-process", "2026-0113", disclosed, inDays(6))
  await request(counsel, `${process}/disclosures`, { caseId: disclosed, kind: "custody-record" })
  await counsel.callOrThrow("POST", `${await receive("ncmec", "2026-0098")}/close`)
}

/** Reports the match of a case that was decided to be no violation as a false positive. */
export async function falsePositive(reviewer: Caller, caseId: string): Promise<void> {
  const { items: caseItems } = await reviewer.callOrThrow<{ items: { itemId: string }[] }>(
    "GET",
    `/v1/cases/${caseId}/items`,
  )
  const body = { caseId, itemId: caseItems[0]?.itemId, reason: "different-picture" }
  await reviewer.callOrThrow("POST", "/v1/lists/known-shapes/false-positives", body)
}
