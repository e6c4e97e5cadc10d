/**
 * The whole of a case from its events alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Strength } from "../../../platform/db/tables/casework.ts"
import { type CaseEventData, toCaseEvent } from "./events.ts"
import { applyToHead, type CaseHead, stronger } from "./head.ts"

/** A place of an item, as the log records it. */
export interface ProjectedPlace {
  readonly source: string
  readonly finding: string
  /** Digest of the rest of its row: see `row-digest.ts`. */
  readonly place: string
}

/** An item, as the log records it. */
export interface ProjectedItem {
  readonly itemKey: string
  /** Order of attachment, from 0. */
  readonly position: number
  readonly strength: Strength
  /** In order of attachment. */
  readonly places: readonly ProjectedPlace[]
  /** The piece that is shown and reported for it. */
  readonly evidence: string | undefined
  readonly content: "verified" | "absent" | undefined
  /** Digests of the rest of its row and of its sealed file. */
  readonly row: string
  readonly file: string | undefined
  readonly knownCase: string | undefined
  /** ISO 8601. */
  readonly attachedAt: string
}

/** A decision, as the log records it. */
export interface ProjectedDecision {
  readonly given: CaseEventData["case.decision-given"]
  readonly isUndone: boolean
  /** Judgements of items, by item id. */
  readonly judged: ReadonlyMap<string, CaseEventData["item.judged"]>
}

/** A case with its items and decisions, according to the log. */
export interface ProjectedCase {
  readonly head: CaseHead | undefined
  /** By id, in order of attachment. */
  readonly items: ReadonlyMap<string, ProjectedItem>
  /** The item that each sealed piece of the case came with first. */
  readonly pieces: ReadonlyMap<string, string>
  /** By id, including undone ones. */
  readonly decisions: ReadonlyMap<string, ProjectedDecision>
}

interface GrowingItem extends ProjectedItem {
  strength: Strength
  readonly places: ProjectedPlace[]
  evidence: string | undefined
  content: ProjectedItem["content"]
  file: string | undefined
}

interface GrowingDecision extends ProjectedDecision {
  isUndone: boolean
  readonly judged: Map<string, CaseEventData["item.judged"]>
}

/** Projects a case's events one after the other, in the log's order. */
export class CaseProjection {
  readonly #caseId: string
  #head: CaseHead | undefined
  readonly #items = new Map<string, GrowingItem>()
  readonly #pieces = new Map<string, string>()
  readonly #decisions = new Map<string, GrowingDecision>()

  constructor(caseId: string) {
    this.#caseId = caseId
  }

  /**
   * Applies the next event; events of other things change nothing.
   *
   * @throws {IntegrityError} `audit_chain_broken` if the first event of the case does not open it.
   */
  apply(entry: AuditEvent): void {
    const event = toCaseEvent(entry)
    if (event === undefined) return
    this.#head = applyToHead(this.#head, event, this.#caseId)
    const { type, data } = event
    if (type === "item.attached") {
      this.#items.set(data.item, attached(data, this.#items.size))
      this.#addPiece(data)
    } else if (type === "item.located") this.#locate(data)
    else if (type === "item.evidence-added") this.#addPiece(data)
    else if (type === "item.evidence-replaced") this.#replaceEvidence(data)
    else if (type === "case.decision-given") {
      this.#decisions.set(data.decision, { given: data, isUndone: false, judged: new Map() })
    } else if (type === "item.judged") this.#decisions.get(data.decision)?.judged.set(data.item, data)
    else if (type === "case.decision-undone") this.#undo(data)
  }

  /** The case by the events so far. */
  projected(): ProjectedCase {
    return { head: this.#head, items: this.#items, pieces: this.#pieces, decisions: this.#decisions }
  }

  #locate(data: CaseEventData["item.located"]): void {
    const { item: id, source, finding, strength, place } = data
    this.#addPiece(data)
    const caseItem = this.#items.get(id)
    if (caseItem === undefined) return
    caseItem.strength = stronger(caseItem.strength, strength)
    caseItem.places.push({ source, finding, place })
  }

  #addPiece({ item: caseItem, evidence }: { readonly item: string; readonly evidence?: string }): void {
    if (evidence !== undefined && !this.#pieces.has(evidence)) this.#pieces.set(evidence, caseItem)
  }

  #undo({ decision: id }: CaseEventData["case.decision-undone"]): void {
    const decision = this.#decisions.get(id)
    if (decision !== undefined) decision.isUndone = true
  }

  #replaceEvidence({ item: id, evidence, file }: CaseEventData["item.evidence-replaced"]): void {
    const caseItem = this.#items.get(id)
    if (caseItem !== undefined) Object.assign(caseItem, { evidence, file, content: "verified" })
  }
}

/**
 * Projects all events of a case, in the log's order.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the first event does not open the case.
 */
export function projectCase(caseId: string, events: readonly AuditEvent[]): ProjectedCase {
  const projection = new CaseProjection(caseId)
  for (const event of events) projection.apply(event)
  return projection.projected()
}

function attached(data: CaseEventData["item.attached"], position: number): GrowingItem {
  const { itemKey, strength, source, finding, place, row, file, evidence, content, known, at } = data
  return {
    itemKey,
    position,
    strength,
    places: [{ source, finding, place }],
    row,
    file,
    evidence,
    content,
    knownCase: known,
    attachedAt: at,
  }
}
