/**
 * Counsel's desk in a demonstration: holds, requests of authorities, acts that wait for a second person.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Caller } from "./caller.ts"
import type { NightShift, Office } from "./invite-people.ts"
import type { Reported } from "./overnight-events.ts"
import { askSigned } from "./people.ts"

const DAY_MS = 86_400_000

const SCOPE = {
  agency: "Example County Computer Crime Unit",
  officer: "Investigator on duty",
  scope: "Made up for the demonstration: whatever is kept of the linked case.",
}

/** Places holds, takes in requests, and asks for what takes two people. */
export async function fillDesk(
  { first }: Pick<Office, "first">,
  { counsel }: Pick<NightShift, "counsel">,
  { held, extended, asked, filed }: Reported,
  promoted: string,
): Promise<void> {
  const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString()
  const open = async (kind: string, reference: string, receivedDays: number, dueDays?: number) => {
    const { requestId } = await counsel.must<{ readonly requestId: string }>(
      "POST",
      "/v1/requests",
      compact({
        kind,
        scope: { ...SCOPE, reference },
        receivedAt: inDays(-receivedDays),
        dueAt: dueDays === undefined ? undefined : inDays(dueDays),
      }),
    )
    return requestId
  }
  await counsel.must("POST", `/v1/cases/${held}/holds`, {
    reason: "litigation",
    reference: "Example v. Example, made up",
    until: inDays(200),
  })
  await counsel.must("POST", `/v1/cases/${extended}/preservation/extend`, { until: inDays(400) })
  const letterId = await open("preservation-2703f", "2026-0107", 3)
  await counsel.must("POST", `/v1/requests/${letterId}/cases`, { caseId: filed })
  const processId = await open("legal-process", "2026-0113", 1, 6)
  await counsel.must("POST", `/v1/requests/${processId}/cases`, { caseId: asked })
  const disclosure = { caseId: asked, kind: "custody-record" }
  await askSigned(counsel, { path: `/v1/requests/${processId}/disclosures`, body: disclosure })
  const answered = await open("ncmec", "2026-0098", 9)
  await counsel.must("POST", `/v1/requests/${answered}/close`)
  await askSigned(first, { path: `/v1/people/${promoted}/roles`, body: { role: "senior-reviewer" } })
}

/** Disputes what a list says of a case that was decided to be nothing. */
export async function dispute(reviewer: Caller, caseId: string): Promise<void> {
  const { finds } = await reviewer.must<{ readonly finds: readonly { readonly findId: string }[] }>(
    "GET",
    `/v1/cases/${caseId}/finds`,
  )
  const [{ findId } = { findId: "" }] = finds
  await reviewer.must("POST", "/v1/lists/known-shapes/disputes", { caseId, findId, reason: "different-picture" })
}
