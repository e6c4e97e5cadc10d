/**
 * The reports of a demonstration: one that was filed with the simulator, one that it refused, one that waits for its
 * second person, one that is only begun.
 * @module
 */
import { type FilingGrant, proveGrant } from "@nightlight/contract/custodian"
import type { Simulator } from "@nightlight/cybertipline/simulator"
import { until } from "./caller.ts"
import type { NightShift, Office } from "./invite-people.ts"
import type { Reported } from "./overnight-events.ts"

interface Head {
  readonly id: string
  readonly version: number
  readonly state: string
}

/** CyberTipline's code of a report that is not as its schema asks. */
const VALIDATION_FAILED = 4100

/** Makes the reports of four cases that were decided as reportable. */
export async function makeReports(
  { signal }: Pick<Office, "signal">,
  { reporter, counsel }: NightShift,
  { refused, filed, proposed, draft }: Reported,
  simulator: Pick<Simulator, "addFault">,
): Promise<void> {
  const begin = (caseId: string) => reporter.must<Head>("POST", `/v1/cases/${caseId}/reports`, {})
  const propose = async (caseId: string) => {
    const { id, version } = await begin(caseId)
    const { report, grant } = await reporter.must<{ readonly report: Head; readonly grant: FilingGrant }>(
      "POST",
      `/v1/reports/${id}/grant`,
      { version },
    )
    const proof = await proveGrant(grant, reporter.id, reporter.key.privateKey)
    const head = await reporter.must<Head>("POST", `/v1/reports/${id}/propose`, { version: report.version, proof })
    return { id, grant, version: head.version }
  }
  const file = async (caseId: string, end: string) => {
    const { id, grant, version } = await propose(caseId)
    const proof = await proveGrant(grant, counsel.id, counsel.key.privateKey)
    await counsel.must("POST", `/v1/reports/${id}/approve`, { version, proof })
    await until(
      () => `report ${id} to be ${end}`,
      signal,
      async () => {
        const { reports } = await reporter.must<{ readonly reports: readonly Head[] }>(
          "GET",
          `/v1/reports?caseId=${caseId}`,
        )
        return reports.some((report) => report.id === id && report.state === end) ? true : undefined
      },
    )
  }
  simulator.addFault({
    on: "/submit",
    kind: "code",
    code: VALIDATION_FAILED,
    description: "made up for the demonstration",
  })
  await file(refused, "held")
  await file(filed, "finished")
  await propose(proposed)
  await begin(draft)
}
