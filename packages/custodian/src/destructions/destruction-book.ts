/**
 * Ordered destructions of evidence and the state of each file, from the journal alone.
 * @module
 */
import type { DestructionReceipt, GrantedEvidence } from "@nightlight/contract/custodian"
import type { AuditEvent } from "@nightlight/vault/audit"
import type { z } from "zod"
import type { Book } from "../journal/journal.ts"

type Piece = z.infer<typeof GrantedEvidence>

/** Outcome for a sealed file. */
export type FileOutcome = DestructionReceipt["evidence"][number]["file"]

/** An accepted order: from a grant of two people, or for what a review cleared. */
export interface Destruction {
  readonly orderId: string
  readonly orderSha256: string
  readonly caseId: string
  readonly basis: DestructionReceipt["basis"]
  readonly people: readonly string[]
  readonly evidence: readonly Piece[]
  /** By evidence id; a missing piece is still to be destroyed. */
  readonly fates: ReadonlyMap<string, FileOutcome>
  readonly at: string
}

/** Follows `destruction.piece`, the use that makes them count, and `destruction.done`. */
export class DestructionBook implements Book {
  readonly #orders = new Map<string, Destruction>()
  /** Pieces of orders whose use is not in the journal (yet), because a process was killed in between. */
  readonly #pieces = new Map<string, Piece[]>()

  apply({ type, at, data }: AuditEvent): void {
    if (type === "destruction.piece") this.#addPiece(data)
    else if (type === "grant.used" && data["purpose"] === "destroy") {
      this.#begin(data["grantId"] as string, { ...data, orderSha256: data["grantSha256"] }, at)
    } else if (type === "clearing.ordered") this.#begin(data["orderId"] as string, data, at)
    else if (type === "destruction.done") {
      const { orderId, evidenceId, file } = data as Readonly<Record<string, string>>
      const order = this.#orders.get(orderId ?? "")
      if (order === undefined || evidenceId === undefined) return
      const fates = new Map(order.fates).set(evidenceId, file as FileOutcome)
      this.#orders.set(order.orderId, { ...order, fates })
    }
  }

  find(orderId: string): Destruction | undefined {
    return this.#orders.get(orderId)
  }

  /** All orders ever, oldest first. */
  all(): readonly Destruction[] {
    return [...this.#orders.values()]
  }

  #addPiece(data: AuditEvent["data"]): void {
    const { orderId, evidenceId, ciphertextSha256 } = data as unknown as Piece & { readonly orderId: string }
    this.#pieces.set(orderId, [...(this.#pieces.get(orderId) ?? []), { evidenceId, ciphertextSha256 }])
  }

  #begin(orderId: string, data: Readonly<Record<string, unknown>>, at: string): void {
    const {
      orderSha256,
      caseId,
      basis,
      provenBy = [],
      pieces,
    } = data as unknown as Destruction & {
      readonly provenBy?: readonly string[]
      readonly pieces: number
    }
    // A use that was repeated after a kill has its pieces twice; the last ones count.
    const evidence = (this.#pieces.get(orderId) ?? []).slice(-pieces)
    this.#pieces.delete(orderId)
    const order = { orderId, orderSha256, caseId, basis, people: provenBy, evidence, fates: new Map(), at }
    this.#orders.set(orderId, order)
  }
}
