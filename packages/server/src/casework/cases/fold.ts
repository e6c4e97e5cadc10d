/**
 * The whole of a case from its events alone.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import type { Strength } from "../../platform/db/tables/casework.ts"
import { type CaseEventData, toCaseEvent } from "./events.ts"
import { applyToHead, type CaseHead, stronger } from "./head.ts"

/** One place of a find. */
export interface FoldedPlace {
  readonly source: string
  readonly finding: string
  /** Digest of what else its row is: see `row-digest.ts`. */
  readonly place: string
}

/** A find as the log tells it. */
export interface FoldedFind {
  readonly item: string
  /** Order of attachment, from 0. */
  readonly position: number
  readonly strength: Strength
  /** In order of attachment. */
  readonly places: readonly FoldedPlace[]
  /** The piece that it is shown and reported by. */
  readonly evidence: string | undefined
  readonly content: "verified" | "absent" | undefined
  /** Digests of what else its row and its sealed file are. */
  readonly row: string
  readonly file: string | undefined
  readonly knownCase: string | undefined
  /** ISO 8601. */
  readonly attachedAt: string
}

/** A decision as the log tells it. */
export interface FoldedDecision {
  readonly given: CaseEventData["case.decision-given"]
  readonly isUndone: boolean
  /** What it says of finds, by their ids. */
  readonly judged: ReadonlyMap<string, CaseEventData["find.judged"]>
}

/** A case with what it holds and what was said of it, as the log tells it. */
export interface FoldedCase {
  readonly head: CaseHead | undefined
  /** By id, in order of attachment. */
  readonly finds: ReadonlyMap<string, FoldedFind>
  /** The find that each sealed piece of the case came with first. */
  readonly pieces: ReadonlyMap<string, string>
  /** By id, undone ones too. */
  readonly decisions: ReadonlyMap<string, FoldedDecision>
}

interface GrowingFind extends FoldedFind {
  strength: Strength
  readonly places: FoldedPlace[]
  evidence: string | undefined
  content: FoldedFind["content"]
  file: string | undefined
}

interface GrowingDecision extends FoldedDecision {
  isUndone: boolean
  readonly judged: Map<string, CaseEventData["find.judged"]>
}

/** Folds a case's events one after the other, in the log's order. */
export class CaseFold {
  readonly #caseId: string
  #head: CaseHead | undefined
  readonly #finds = new Map<string, GrowingFind>()
  readonly #pieces = new Map<string, string>()
  readonly #decisions = new Map<string, GrowingDecision>()

  constructor(caseId: string) {
    this.#caseId = caseId
  }

  /**
   * Takes the next event; one that is none of a case changes nothing.
   *
   * @throws {IntegrityError} `audit_chain_broken` if the first of them does not open the case.
   */
  take(entry: AuditEvent): void {
    const event = toCaseEvent(entry)
    if (event === undefined) return
    this.#head = applyToHead(this.#head, event, this.#caseId)
    const { type, data } = event
    if (type === "find.attached") {
      this.#finds.set(data.find, attached(data, this.#finds.size))
      this.#addPiece(data)
    } else if (type === "find.located") this.#locate(data)
    else if (type === "find.evidence-added") this.#addPiece(data)
    else if (type === "find.evidence-replaced") this.#replaceEvidence(data)
    else if (type === "case.decision-given") {
      this.#decisions.set(data.decision, { given: data, isUndone: false, judged: new Map() })
    } else if (type === "find.judged") this.#decisions.get(data.decision)?.judged.set(data.find, data)
    else if (type === "case.decision-undone") this.#undo(data)
  }

  /** What was taken so far. */
  folded(): FoldedCase {
    return { head: this.#head, finds: this.#finds, pieces: this.#pieces, decisions: this.#decisions }
  }

  #locate(data: CaseEventData["find.located"]): void {
    const { find: id, source, finding, strength, place } = data
    this.#addPiece(data)
    const find = this.#finds.get(id)
    if (find === undefined) return
    find.strength = stronger(find.strength, strength)
    find.places.push({ source, finding, place })
  }

  #addPiece({ find, evidence }: { readonly find: string; readonly evidence?: string }): void {
    if (evidence !== undefined && !this.#pieces.has(evidence)) this.#pieces.set(evidence, find)
  }

  #undo({ decision: id }: CaseEventData["case.decision-undone"]): void {
    const decision = this.#decisions.get(id)
    if (decision !== undefined) decision.isUndone = true
  }

  #replaceEvidence({ find: id, evidence, file }: CaseEventData["find.evidence-replaced"]): void {
    const find = this.#finds.get(id)
    if (find !== undefined) Object.assign(find, { evidence, file, content: "verified" })
  }
}

/**
 * Folds all events of a case, in the log's order.
 *
 * @throws {IntegrityError} `audit_chain_broken` if the first of them does not open the case.
 */
export function foldCase(caseId: string, events: readonly AuditEvent[]): FoldedCase {
  const fold = new CaseFold(caseId)
  for (const event of events) fold.take(event)
  return fold.folded()
}

function attached(data: CaseEventData["find.attached"], position: number): GrowingFind {
  const { item, strength, source, finding, place, row, file, evidence, content, known, at } = data
  return {
    item,
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
