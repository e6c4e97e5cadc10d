/**
 * Compares the parts of a case (items, their places and sealed pieces, and people's decisions) with its projection.
 * @module
 */
import type { RowDifference } from "@nightlight/contract/server"
import { type Kysely, type Selectable, sql } from "kysely"
import type { ProjectedCase, ProjectedDecision, ProjectedItem } from "../../casework/cases/state/projection.ts"
import { fileDigest, type ItemFacts, itemDigest, placeDigest } from "../../casework/cases/state/row-digest.ts"
import type { ProjectedViewing } from "../../casework/viewings/projection.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { compareKeyed } from "./compare-keyed.ts"
import type { RowProblem } from "./row-problem.ts"

type PlaceRow = Pick<Selectable<Tables["item_locations"]>, (typeof PLACE)[number]> & { readonly sealed_sha256: string }

/** Rows of one case, as the database holds them. */
export interface CaseParts {
  readonly items: readonly Pick<Selectable<Tables["case_items"]>, (typeof ITEM)[number]>[]
  readonly places: readonly PlaceRow[]
  readonly pieces: readonly Selectable<Tables["item_evidence"]>[]
  readonly decisions: readonly Omit<Selectable<Tables["decisions"]>, "sealed">[]
  readonly judgements: readonly Selectable<Tables["judgements"]>[]
  readonly viewings: readonly Selectable<Tables["viewings"]>[]
}

/** All compared columns of an item. */
const ITEM = [
  "item_id",
  "case_id",
  "position",
  "item_key",
  "strength",
  "evidence_id",
  "content",
  "known_case",
  "locations",
  "attached_at",
  "media_type",
  "size_bytes",
  "digests",
  "verdict",
  "rule",
  "matches",
  "ciphertext_sha256",
  "content_bytes",
] as const
const PLACE = ["case_id", "item_id", "source", "finding_id", "position", "scan", "found_at"] as const
const DECISION = [
  "decision_id",
  "case_id",
  "stage",
  "person_id",
  "basis",
  "category",
  "danger",
  "requests_second_review",
  "annotations",
  "given_at",
  "undone_at",
  "template",
  "template_locale",
] as const
const NONE: CaseParts = { items: [], places: [], pieces: [], decisions: [], judgements: [], viewings: [] }

/** Reads the rows of some cases in a few statements; `of` returns empty parts for an unknown case. */
export async function readParts(
  db: Kysely<Tables>,
  ids: readonly string[],
): Promise<{ readonly of: (caseId: string) => CaseParts }> {
  if (ids.length === 0) return { of: () => NONE }
  const caseItems = await db.selectFrom("case_items").select(ITEM).where("case_id", "in", ids).execute()
  const caseOfItem = new Map(caseItems.map(({ item_id, case_id }) => [item_id, case_id]))
  const places = await readPlaces(db, [...caseOfItem.keys()])
  const pieces = await db.selectFrom("item_evidence").selectAll().where("case_id", "in", ids).execute()
  const decisions = await db.selectFrom("decisions").select(DECISION).where("case_id", "in", ids).execute()
  const judgements = await db
    .selectFrom("judgements")
    .innerJoin("decisions", "decisions.decision_id", "judgements.decision_id")
    .selectAll("judgements")
    .where("decisions.case_id", "in", ids)
    .execute()
  const viewings = await db.selectFrom("viewings").selectAll().where("case_id", "in", ids).execute()
  const caseOf = new Map(decisions.map(({ decision_id, case_id }) => [decision_id, case_id]))
  const by = {
    items: Map.groupBy(caseItems, ({ case_id }) => case_id),
    places: Map.groupBy(places, ({ item_id }) => caseOfItem.get(item_id)),
    pieces: Map.groupBy(pieces, ({ case_id }) => case_id),
    decisions: Map.groupBy(decisions, ({ case_id }) => case_id),
    judgements: Map.groupBy(judgements, ({ decision_id }) => caseOf.get(decision_id)),
    viewings: Map.groupBy(viewings, ({ case_id }) => case_id),
  }
  return {
    of: (caseId) => ({
      items: by.items.get(caseId) ?? [],
      places: by.places.get(caseId) ?? [],
      pieces: by.pieces.get(caseId) ?? [],
      decisions: by.decisions.get(caseId) ?? [],
      judgements: by.judgements.get(caseId) ?? [],
      viewings: by.viewings.get(caseId) ?? [],
    }),
  }
}

async function readPlaces(db: Kysely<Tables>, itemIds: readonly string[]): Promise<CaseParts["places"]> {
  if (itemIds.length === 0) return []
  return db
    .selectFrom("item_locations")
    .select(PLACE)
    .select(sql<string>`encode(sha256(sealed), 'hex')`.as("sealed_sha256"))
    .where("item_id", "in", itemIds)
    .execute()
}

/** Finds the first part of a case that differs from the log. */
export function findPartProblem(
  projected: ProjectedCase,
  viewings: ReadonlyMap<string, ProjectedViewing>,
  parts: CaseParts,
): RowProblem | undefined {
  return (
    itemsProblem(projected, parts) ??
    placesProblem(projected, parts) ??
    piecesProblem(projected, parts) ??
    decisionsProblem(projected, parts) ??
    judgementsProblem(projected, parts) ??
    viewingsProblem(viewings, parts)
  )
}

function itemsProblem({ items: said }: ProjectedCase, { items: caseItems }: CaseParts): RowProblem | undefined {
  return compareKeyed({
    table: "case_items",
    said,
    rows: caseItems,
    idOf: ({ item_id }) => item_id,
    differenceOf: findDifference,
  })
}

function findDifference(row: CaseParts["items"][number], said: ProjectedItem): RowDifference | undefined {
  const isSame =
    row.position === said.position &&
    row.item_key === said.itemKey &&
    row.strength === said.strength &&
    row.evidence_id === (said.evidence ?? null) &&
    row.content === (said.content ?? null) &&
    row.known_case === (said.knownCase ?? null) &&
    row.locations === said.places.length &&
    row.attached_at.toISOString() === said.attachedAt &&
    itemDigest(factsOf(row, said)) === said.row &&
    fileOf(row) === said.file
  return isSame ? undefined : "state"
}

function factsOf(row: CaseParts["items"][number], { places }: ProjectedItem): ItemFacts {
  const { media_type: mediaType, size_bytes, digests, verdict, rule, matches } = row
  return { mediaType, sizeBytes: Number(size_bytes), digests, verdict, rule, matches, place: places[0]?.place ?? "" }
}

function fileOf({ ciphertext_sha256: ciphertextSha256, content_bytes }: CaseParts["items"][number]) {
  return ciphertextSha256 === null ? undefined : fileDigest({ ciphertextSha256, contentBytes: Number(content_bytes) })
}

function placesProblem({ head, items: caseItems }: ProjectedCase, { places }: CaseParts): RowProblem | undefined {
  const said = new Map<string, { readonly where: string; readonly digest: string }>()
  for (const [itemId, caseItem] of caseItems) {
    caseItem.places.forEach(({ source, finding, place }, position) => {
      said.set(JSON.stringify([source, finding]), { where: `${head?.caseId} ${itemId} ${position}`, digest: place })
    })
  }
  return compareKeyed({
    table: "item_locations",
    said,
    rows: places,
    idOf: ({ source, finding_id }) => JSON.stringify([source, finding_id]),
    differenceOf: (row, { where, digest }) => {
      if (`${row.case_id} ${row.item_id} ${row.position}` !== where) return "owner"
      const { scan, found_at: foundAt, sealed_sha256: sealedSha256 } = row
      return placeDigest({ scan: scan ?? undefined, foundAt, sealedSha256 }) === digest ? undefined : "state"
    },
  })
}

function piecesProblem({ pieces: said }: ProjectedCase, { pieces }: CaseParts): RowProblem | undefined {
  return compareKeyed({
    table: "item_evidence",
    said,
    rows: pieces,
    idOf: ({ evidence_id }) => evidence_id,
    differenceOf: (row, caseItem) => (row.item_id === caseItem ? undefined : "owner"),
  })
}

function decisionsProblem({ decisions: said }: ProjectedCase, { decisions }: CaseParts): RowProblem | undefined {
  const idOf = (row: CaseParts["decisions"][number]) => row.decision_id
  return compareKeyed({ table: "decisions", said, rows: decisions, idOf, differenceOf: decisionDifference })
}

function decisionDifference(row: CaseParts["decisions"][number], said: ProjectedDecision): RowDifference | undefined {
  const { given, isUndone } = said
  const isSame =
    row.stage === given.stage &&
    row.person_id === given.by &&
    row.basis === given.basis &&
    row.category === (given.category ?? null) &&
    row.danger === given.danger &&
    row.requests_second_review === given.requestsSecondReview &&
    isSameList(row.annotations, given.annotations) &&
    row.given_at.toISOString() === given.at &&
    (row.undone_at !== null) === isUndone &&
    row.template === (given.template ?? null) &&
    row.template_locale === (given.locale ?? null)
  return isSame ? undefined : "decision"
}

function judgementsProblem({ decisions }: ProjectedCase, { judgements }: CaseParts): RowProblem | undefined {
  const said = new Map(
    [...decisions].flatMap(([id, { judged }]) =>
      [...judged].map(([caseItem, data]) => [`${id} ${caseItem}`, data] as const),
    ),
  )
  return compareKeyed({
    table: "judgements",
    said,
    rows: judgements,
    idOf: ({ decision_id, item_id }) => `${decision_id} ${item_id}`,
    differenceOf: (row, judged) => {
      const isSame =
        row.included === judged.included &&
        row.classification === (judged.classification ?? null) &&
        row.category === (judged.category ?? null) &&
        isSameList(row.annotations, judged.annotations)
      return isSame ? undefined : "decision"
    },
  })
}

function viewingsProblem(said: ReadonlyMap<string, ProjectedViewing>, { viewings }: CaseParts): RowProblem | undefined {
  return compareKeyed({
    table: "viewings",
    said,
    rows: viewings,
    idOf: ({ viewing_id }) => viewing_id,
    differenceOf: viewingDifference,
  })
}

function viewingDifference(row: CaseParts["viewings"][number], said: ProjectedViewing): RowDifference | undefined {
  if (row.person_id !== said.person || row.item_id !== said.item || row.grant_id !== said.grant) return "owner"
  const isSame =
    row.purpose === said.purpose &&
    row.reason === said.reason &&
    (said.evidence === undefined || row.evidence_id === said.evidence) &&
    (row.shown_at !== null) === said.isShown &&
    row.failed === said.isFailed &&
    row.ended_at?.toISOString() === said.endedAt &&
    (row.attested_at !== null) === said.isAttested &&
    (row.exif_viewed ?? undefined) === said.exifViewed
  return isSame ? undefined : "state"
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, index) => each === other[index])
}
