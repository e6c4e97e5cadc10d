/**
 * Checks decisions against the log. Their rows carry no MAC: the log says who decided what, and a row that it does not
 * know has no effect.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { authorityOf } from "../../platform/authority/of-database.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"
import { recordedIn } from "../../platform/events/transact.ts"
import type { Decision } from "./types.ts"

const TYPES = ["case.decision-given", "item.judged", "case.decision-undone"] as const

type Entry = Pick<AuditEvent, "type" | "data">

/** A decision according to the log. */
interface LoggedDecision {
  readonly given: Entry
  /** Judgements of items, by item id. */
  readonly judged: Map<string, JsonValue>
}

/**
 * Checks that the log holds each given decision unaltered, with its judgements of items, and that none was undone.
 *
 * @throws {IntegrityError} `row_untrusted`, naming the first decision that differs.
 */
export async function assertLogged(db: Kysely<Tables>, caseId: string, decisions: readonly Decision[]): Promise<void> {
  if (decisions.length === 0) return
  const logged = new Map<string, LoggedDecision>()
  const appended = await readEvents(db, { subject: caseId, types: TYPES })
  for (const event of [...appended, ...recordedOf(db, caseId)]) {
    const decision = textOf(event.data, "decision")
    if (event.type === "case.decision-given") logged.set(decision, { given: event, judged: new Map() })
    else if (event.type === "item.judged") {
      const { item: caseItem, ...judged } = ofJudgedEvent(event)
      logged.get(decision)?.judged.set(caseItem, judged)
    } else logged.delete(decision)
  }
  for (const decision of decisions) {
    const known = logged.get(decision.decisionId)
    if (known !== undefined && canonicalJson(ofLog(known)) === canonicalJson(ofRow(decision))) continue
    throw authorityOf(db).distrust({ table: "decisions", id: decision.decisionId })
  }
}

/** Events that the current transaction has recorded about a case, which reach the log when it ends. */
function recordedOf(db: Kysely<Tables>, caseId: string): readonly Entry[] {
  const isOfIt = (type: string) => TYPES.some((known) => known === type)
  return recordedIn(db).flatMap(({ type, subject, data = {} }) =>
    subject === caseId && isOfIt(type) ? [{ type, data }] : [],
  )
}

function ofLog({ given: { data }, judged }: LoggedDecision): JsonValue {
  const { stage = null, by = null, basis = null, danger = null, annotations = null, at = null } = data
  const { category = null, template = null, locale = null, requestsSecondReview = null } = data
  const said = { stage, by, basis, danger, annotations, at, category, template, locale, requestsSecondReview }
  return { ...said, judged: Object.fromEntries(judged) } as JsonValue
}

function ofRow(decision: Decision): JsonValue {
  const {
    stage,
    by,
    basis,
    danger,
    annotations,
    givenAt,
    category = null,
    template,
    requestsSecondReview,
    items: caseItems,
  } = decision
  return {
    stage,
    by,
    basis,
    danger,
    annotations: [...annotations],
    at: givenAt.toISOString(),
    category,
    requestsSecondReview,
    template: template?.id ?? null,
    locale: template?.locale ?? null,
    judged: Object.fromEntries(
      caseItems.map(
        ({ itemId, included, classification = null, category: itemCategory = null, annotations: notes }) => [
          itemId,
          { included, classification, category: itemCategory, annotations: [...notes] },
        ],
      ),
    ),
  }
}

function ofJudgedEvent({ data }: Entry) {
  const { included = null, classification = null, category = null, annotations = null } = data
  return { item: textOf(data, "item"), included, classification, category, annotations }
}
