/**
 * A log of a service that has worked for long, with the rows that its events fold to.
 * @module
 */
import { randomBytes, randomUUID } from "node:crypto"
import { AUDIT_GENESIS, type AuditData, chainAuditEvent, toAuditLine } from "@nightlight/vault/audit"
import { type CaseEvent, toAuditData } from "../packages/server/src/casework/cases/state/events.ts"
import { toRow } from "../packages/server/src/casework/cases/state/head-row.ts"
import { CaseProjection } from "../packages/server/src/casework/cases/state/projection.ts"
import { fileDigest, itemDigest, placeDigest, sha256 } from "../packages/server/src/casework/cases/state/row-digest.ts"
import type { Database } from "../packages/server/src/platform/db/pool.ts"
import type { CaseKind } from "../packages/server/src/platform/db/tables/casework.ts"
import type { Tables } from "../packages/server/src/platform/db/tables.ts"
import { sealEvent } from "../packages/server/src/platform/events/event-seal.ts"

/** Events that each case comes to, with the session of who decided it. */
export const EVENTS_PER_CASE = 8

const START = Date.parse("2026-01-05T09:00:00.000Z")
/** Cases that are written at once. */
const BATCH = 500
const PEOPLE = 40
/** Every so many cases somebody ends all of their sessions. */
const ENDS_ALL = 20

type EventRow = Omit<Tables["events"], "subject">

/** Writes the log and rows of so many cases, decided and not yet reported. */
export async function writeLog(db: Database<Tables>["kysely"], cases: number): Promise<void> {
  let head = { seq: 0, hash: AUDIT_GENESIS }
  const log: EventRow[] = []
  const append = (type: string, actor: string, data: AuditData) => {
    const at = new Date(START + head.seq * 1000).toISOString()
    const event = chainAuditEvent({ type, actor, data }, at, head)
    head = { seq: event.seq, hash: event.hash }
    const line = toAuditLine(event).slice(0, -1)
    log.push({ seq: String(event.seq), at, type, actor, line, hash: event.hash, mac: sealEvent(db, event) })
    return event
  }
  for (let from = 0; from < cases; from += BATCH) {
    log.length = 0
    const made = Array.from({ length: Math.min(BATCH, cases - from) }, (_, index) => makeCase(append, from + index))
    await db.insertInto("events").values(log).execute()
    await db
      .insertInto("cases")
      .values(made.map(({ row }) => row))
      .execute()
    await db
      .insertInto("case_keys")
      .values(made.map(({ row }) => ({ case_id: row.case_id, wrapped: Buffer.alloc(60), destroyed_at: null })))
      .execute()
    await db
      .insertInto("case_items")
      .values(made.map(({ item: caseItem }) => caseItem))
      .execute()
    await db
      .insertInto("item_locations")
      .values(made.map(({ place }) => place))
      .execute()
    await db
      .insertInto("item_evidence")
      .values(made.map(({ piece }) => piece))
      .execute()
    await db
      .insertInto("decisions")
      .values(made.map(({ decision }) => decision))
      .execute()
  }
}

type Append = (type: string, actor: string, data: AuditData) => ReturnType<typeof chainAuditEvent>

function makeCase(append: Append, number: number) {
  const [caseId, itemId, decisionId] = [`case-${randomUUID()}`, `item-${randomUUID()}`, `decision-${randomUUID()}`]
  const [finding, itemKey, evidence] = [hex(), hex(), hex()]
  const person = `person-${number % PEOPLE}`
  const at = new Date(START + number * EVENTS_PER_CASE * 1000).toISOString()
  const dueAt = new Date(Date.parse(at) + 86_400_000).toISOString()
  const projection = new CaseProjection(caseId)
  const happen = ({ type, data }: CaseEvent) =>
    projection.apply(append(type, person, { ...toAuditData({ type, data } as CaseEvent), subject: caseId }))
  append("session.started", person, { subject: person, session: `session-${number}` })
  const group = hex()
  const kind: CaseKind = "account"
  happen({ type: "case.opened", data: { kind, source: "source-1", group, at } })
  const found = { item: itemId, finding, source: "source-1", itemKey, strength: "exact", at } as const
  const matched = { lists: ["partner-list"], categories: ["a1"], evidence, content: "verified" } as const
  const sealed = Buffer.alloc(64)
  const place = placeDigest({ scan: undefined, foundAt: new Date(at), sealedSha256: sha256(sealed) })
  const file = { ciphertextSha256: hex(), contentBytes: 1234 }
  const facts = { mediaType: "image/png", sizeBytes: 1234, verdict: "quarantine", rule: "default", matches: [] }
  const row = itemDigest({ ...facts, digests: "verified", place })
  happen({ type: "item.attached", data: { ...found, ...matched, row, file: fileDigest(file), place } })
  happen({ type: "case.knowledge-recorded", data: { how: "trusted-match", at, dueAt } })
  happen({ type: "case.claimed", data: { by: person, until: dueAt } })
  const given = { decision: decisionId, stage: "first", by: person, basis: "18-usc-2252a", danger: false } as const
  const why = { template: "exact-not-viewed", locale: "en", requestsSecondReview: false, annotations: [] } as const
  happen({ type: "case.decision-given", data: { ...given, ...why, at, undoUntil: at } })
  const { basis } = given
  happen({
    type: "case.decided",
    data: { decision: decisionId, basis, outcome: "reportable", by: person, secondReview: "none", at },
  })
  if (number % ENDS_ALL === 0) append("sessions.ended-all", person, { subject: person })
  else append("session.ended", person, { subject: `session-${number}` })
  const { head } = projection.projected()
  if (head === undefined) throw new Error("a case was not opened")
  const time = new Date(at)
  return {
    row: toRow(head),
    item: {
      item_id: itemId,
      case_id: caseId,
      position: 0,
      item_key: itemKey,
      strength: found.strength,
      media_type: "image/png",
      size_bytes: "1234",
      digests: matched.content,
      verdict: "quarantine",
      rule: "default",
      matches: "[]",
      evidence_id: evidence,
      ciphertext_sha256: file.ciphertextSha256,
      content: matched.content,
      content_bytes: "1234",
      known_case: null,
      locations: 1,
      attached_at: time,
    } as const,
    place: {
      source: "source-1",
      finding_id: finding,
      item_id: itemId,
      case_id: caseId,
      position: 0,
      scan: null,
      found_at: time,
      attached_at: time,
      sealed,
    },
    piece: { case_id: caseId, item_id: itemId, evidence_id: evidence },
    decision: {
      decision_id: decisionId,
      case_id: caseId,
      stage: given.stage,
      person_id: person,
      basis,
      category: null,
      danger: false,
      requests_second_review: false,
      annotations: [] as string[],
      given_at: time,
      undone_at: null,
      template: why.template,
      template_locale: why.locale,
      sealed: null,
    } as const,
  }
}

function hex(): string {
  return randomBytes(32).toString("hex")
}
