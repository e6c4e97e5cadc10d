/**
 * Collects the material of a draft: the decision, the items that it includes, their sealed context, who viewed them,
 * and earlier reports.
 * @module
 */
import { type Clock, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { CasesService } from "../../../casework/cases/service.ts"
import type { CaseHead } from "../../../casework/cases/state/head.ts"
import type { CaseItem, OpenedLocation } from "../../../casework/cases/types.ts"
import type { ReviewService } from "../../../casework/review/service.ts"
import type { JudgedItem, SettledDecision } from "../../../casework/review/types.ts"
import type { ServerConfig } from "../../../platform/config/schema.ts"
import { LEGAL_BASES, type LegalBasis } from "../../../platform/db/tables/casework.ts"
import type { ReportKind } from "../../../platform/db/tables/filing.ts"
import type { Tables } from "../../../platform/db/tables.ts"
import { readSteps } from "../filing/filing-store.ts"
import type { DraftCollection, DraftSource } from "../ports.ts"
import { listReports, type ReportHead } from "../store.ts"
import { accountIn, digestsIn, locationOf, textIn } from "./context.ts"
import { matchOf } from "./matched.ts"
import type { DraftItem, DraftReporter } from "./material.ts"

/** Dependencies of collecting. */
export interface CollectDeps {
  readonly clock: Clock
  readonly cases: Pick<CasesService, "get" | "items" | "contexts" | "filedSiblings">
  readonly review: Pick<ReviewService, "decisionOf">
  /** Attested viewings of originals: the only source of a view flag. */
  readonly viewedOf: (
    db: Kysely<Tables>,
    caseId: string,
  ) => Promise<readonly { readonly itemId: string; readonly exifViewed: boolean }[]>
  readonly organisation: ServerConfig["organisation"]
  /** Names of the sources' datasets in reports, by source. */
  readonly datasetNames: (db: Kysely<Tables>) => Promise<ReadonlyMap<string, string>>
}

const MAX_ITEMS = 1000

/** Creates the source of drafts, which reads the case and writes nothing. */
export function draftSource(deps: CollectDeps): DraftSource {
  return {
    collect: async (db, caseId, kind) => {
      const head = await deps.cases.get(caseId, db)
      if (head === undefined) throw new RequestError("not_found", "there is no such case")
      const decision = await deps.review.decisionOf(db, caseId)
      const { basis } = decision ?? {}
      if (decision === undefined || !isLegal(basis) || head.kind === "test") {
        throw new RequestError("state_conflict", "a report needs a case that was decided as reportable")
      }
      const reporter = reporterOf(deps.organisation)
      const finished = await finishedOf(db, caseId)
      const own = idsOf(finished)
      if (own.length > 0 && kind !== "follow-up") {
        throw new RequestError("state_conflict", "this case was already reported: draft a follow-up")
      }
      // A follow-up states that its files supplement a report.
      if (own.length === 0 && kind === "follow-up") {
        throw new RequestError("state_conflict", "a follow-up needs a finished production report, and there is none")
      }
      const filed = await filedIn(db, finished)
      const prior = [...finished]
      for (const other of await deps.cases.filedSiblings(head, db)) prior.push(...(await finishedOf(db, other)))
      return collect(deps, db, { head, decision, basis, reporter, prior, filed, requestedKind: kind })
    },
  }
}

/** A case's finished production reports. */
function finishedOf(db: Kysely<Tables>, caseId: string): Promise<readonly ReportHead[]> {
  return listReports(db, { caseId, states: ["finished", "manual"], environment: "production", limit: 200 })
}

function idsOf(reports: readonly ReportHead[]): readonly string[] {
  return reports.map(({ remoteReportId }) => remoteReportId).filter((id) => id !== undefined)
}

/** Evidence that was sent to the CyberTipline with finished reports; a manually filed report counts as sending none. */
async function filedIn(db: Kysely<Tables>, finished: readonly ReportHead[]): Promise<ReadonlySet<string>> {
  const filed = new Set<string>()
  for (const { id, state } of finished) {
    if (state !== "finished") continue
    for (const { step, outcome } of await readSteps(db, id)) {
      if (step.call === "upload" && outcome?.kind === "accepted") filed.add(step.evidenceId)
    }
  }
  return filed
}

interface Collected {
  readonly head: CaseHead
  readonly decision: SettledDecision
  readonly basis: LegalBasis
  readonly reporter: DraftReporter
  /** Finished production reports about the same account or dataset. */
  readonly prior: readonly ReportHead[]
  /** Evidence that earlier reports contained, which a follow-up does not repeat. */
  readonly filed: ReadonlySet<string>
  readonly requestedKind: ReportKind | undefined
}

async function collect(deps: CollectDeps, db: Kysely<Tables>, collected: Collected): Promise<DraftCollection> {
  const { head, decision, basis, reporter, prior, filed, requestedKind } = collected
  const { caseId } = head
  const origin = head.kind === "test" ? "direct" : head.kind
  const stored = await deps.cases.items(caseId, { limit: MAX_ITEMS }, db)
  const viewed = new Map((await deps.viewedOf(db, caseId)).map(({ itemId, exifViewed }) => [itemId, { exifViewed }]))
  const datasetNames = await deps.datasetNames(db)
  const locations = Map.groupBy(await deps.cases.contexts.openAll(db, caseId), ({ itemId }) => itemId)
  const placesOf = (itemId: CaseItem["itemId"]) =>
    (locations.get(itemId) ?? []).map((place) => ({ ...place, datasetName: datasetNames.get(place.source) }))
  const caseItems = stored.flatMap((caseItem) => {
    const judged = decision.items.find(({ itemId }) => itemId === caseItem.itemId)
    return judged?.included !== true
      ? []
      : [
          withoutFiled(
            toItem(caseItem, { judged, places: placesOf(caseItem.itemId), viewed: viewed.get(caseItem.itemId) }),
            filed,
          ),
        ]
  })
  const account =
    origin === "account"
      ? [...locations.values()]
          .flat()
          .map(({ context }) => accountIn(context.found))
          .find((id) => id !== undefined)
      : undefined
  const kind = requestedKind ?? kindOf(origin, caseItems)
  return {
    kind,
    manualReports: idsOf(prior.filter(({ state }) => state === "manual")),
    dueAt: head.dueAt === undefined ? undefined : new Date(head.dueAt),
    material: {
      origin,
      basis,
      items: caseItems,
      reporter,
      priorReports: idsOf(prior),
      reportAnnotations: decision.annotations,
      urgency: decision.danger ? "A reviewer flagged imminent danger to a child." : undefined,
      account: account === undefined ? undefined : { identifier: account, service: reporter.company, ipCaptures: [] },
      supplemental: kind === "follow-up",
      now: deps.clock.now(),
    },
  }
}

interface ItemFacts {
  readonly judged: JudgedItem | undefined
  readonly places: readonly (OpenedLocation & { readonly datasetName: string | undefined })[]
  readonly viewed: { readonly exifViewed: boolean } | undefined
}

function toItem(caseItem: CaseItem, { judged, places, viewed }: ItemFacts): DraftItem {
  const [first] = places
  const found = first?.context.found ?? null
  const foundAt = places.map(({ foundAt: at }) => at.toISOString()).toSorted()[0] ?? caseItem.attachedAt.toISOString()
  return {
    itemId: caseItem.itemId,
    evidence:
      caseItem.evidence === undefined
        ? undefined
        : { evidenceId: caseItem.evidence.evidenceId, ciphertextSha256: caseItem.evidence.ciphertextSha256 },
    hasContent: caseItem.evidence?.content === "verified",
    foundAt,
    digests: digestsIn(found),
    match: matchOf(places.flatMap(({ context }) => context.matches)),
    digestsVerified: caseItem.digests === "verified",
    classification: judged?.classification,
    annotations: judged?.annotations ?? [],
    viewed,
    locations: places.map(({ context, datasetName }) => locationOf(context.found, datasetName)),
    text: textIn(found),
  }
}

function withoutFiled(caseItem: DraftItem, filed: ReadonlySet<string>): DraftItem {
  const isFiled = caseItem.evidence !== undefined && filed.has(caseItem.evidence.evidenceId)
  return isFiled ? { ...caseItem, evidence: undefined, hasContent: false } : caseItem
}

function kindOf(origin: "dataset" | "account" | "direct", caseItems: readonly DraftItem[]): ReportKind {
  if (origin === "dataset") return "training-data"
  return caseItems.some(({ hasContent }) => hasContent) ? "files" : "text-only"
}

function isLegal(basis: string | undefined): basis is LegalBasis {
  return (LEGAL_BASES as readonly (string | undefined)[]).includes(basis)
}

/** @throws {RequestError} `state_conflict` if the configuration does not say who reports. */
export function reporterOf({ company, contact, termsUrl, legalUrl }: ServerConfig["organisation"]): DraftReporter {
  if (company === null || contact === null) {
    throw new RequestError("state_conflict", "the configuration does not say who reports", {
      hint: "Fill in `organisation` in server.yaml: company and contact.",
    })
  }
  const { firstName, lastName, email, phone } = contact
  return {
    company,
    contact: { firstName, lastName, email, phone: phone ?? undefined },
    termsUrl: termsUrl ?? undefined,
    legalUrl: legalUrl ?? undefined,
  }
}
