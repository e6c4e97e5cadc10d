/**
 * Whether decisions are those that people gave. Their rows carry no code: the log says who decided what, and nothing
 * follows from a row that it does not know.
 * @module
 */
import { canonicalJson, type JsonValue } from "@nightlight/core"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Kysely } from "kysely"
import { authorityOf } from "../authority/of-database.ts"
import type { Tables } from "../db/tables.ts"
import { readEvents } from "../events/read.ts"
import type { Decision } from "./types.ts"

const TYPES = ["case.decision-given", "case.decision-undone"] as const

/**
 * Makes sure that each decision stands in the log as it stands here, and was not undone.
 *
 * @throws {IntegrityError} `row_untrusted`, naming the first that does not.
 */
export async function assertLogged(db: Kysely<Tables>, caseId: string, decisions: readonly Decision[]): Promise<void> {
  const given = new Map<string, AuditEvent>()
  for (const event of await readEvents(db, { subject: caseId, types: TYPES })) {
    const { decision } = event.data
    if (typeof decision !== "string") continue
    if (event.type === "case.decision-given") given.set(decision, event)
    else given.delete(decision)
  }
  for (const decision of decisions) {
    const event = given.get(decision.decisionId)
    if (event !== undefined && canonicalJson(ofEvent(event)) === canonicalJson(ofRow(decision))) continue
    throw authorityOf(db).distrust({ table: "decisions", id: decision.decisionId })
  }
}

function ofEvent({ data }: AuditEvent): JsonValue {
  const { stage = null, by = null, basis = null, danger = null, annotations = null, at = null } = data
  return { stage, by, basis, danger, annotations, at } as JsonValue
}

function ofRow({ stage, by, basis, danger, annotations, givenAt }: Decision): JsonValue {
  return { stage, by, basis, danger, annotations: [...annotations], at: givenAt.toISOString() }
}
