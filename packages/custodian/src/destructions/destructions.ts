/**
 * Destroys evidence, on a grant that two people proved, or what a review cleared and this custodian never filed. The
 * order is in the journal before a file is deleted, and each file's end after it. When it is called again, it continues
 * where it was and returns the same receipt.
 * @module
 */
import { stat } from "node:fs/promises"
import {
  DESTRUCTION_RECEIPT_FORMAT,
  type DestructionBody,
  type DestructionReceipt,
  type DestructionRecord,
  type GrantedEvidence,
} from "@nightlight/contract/custodian"
import type { Signer } from "@nightlight/core"
import { canonicalDigest, signDocument } from "@nightlight/durable"
import { removeEvidence, sealedDigest } from "@nightlight/vault"
import type { AuditInput } from "@nightlight/vault/audit"
import type { z } from "zod"
import type { FilingBook } from "../filings/filing-book.ts"
import type { Grants } from "../grants/grants.ts"
import { digestOfGrant } from "../grants/verify.ts"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import type { Keyring } from "../keys/keyring.ts"
import { refusal } from "../refusal.ts"
import type { RewrapBook } from "../rewraps/rewrap-book.ts"
import type { Destruction, DestructionBook, FileOutcome } from "./destruction-book.ts"
import { assertNotFiled } from "./filed.ts"

/** Options of destructions. */
export interface DestructionsOptions {
  /** Folder of sealed evidence. */
  readonly evidence: string
  readonly journal: Journal
  readonly book: DestructionBook
  readonly filings: FilingBook
  /** The present digests of a sealed file. */
  readonly rewraps: Pick<RewrapBook, "digestsOf">
  readonly grants: Grants
  readonly keyring: Keyring
  /** Signs receipts. */
  readonly signer: Signer
}

/** Destroys evidence. */
export interface Destructions {
  /** @throws {RequestError} as `refusal`. */
  destroy(body: DestructionBody): Promise<DestructionReceipt>
  /** All sealed files whose destruction was ordered here. */
  records(): readonly DestructionRecord[]
}

type Piece = z.infer<typeof GrantedEvidence>

/** An order before it is accepted. */
interface Order extends Pick<Destruction, "orderId" | "orderSha256" | "basis" | "evidence"> {
  readonly take: (pieces: readonly AuditInput[]) => Promise<unknown>
}

const MUST_LAST_A_YEAR: ReadonlySet<Destruction["basis"]> = new Set(["cleared", "expired"])

/** Destroys evidence by grants that two people proved, after its date, a request or an order; one at a time. */
export function createDestructions(options: DestructionsOptions): Destructions {
  const { evidence: dir, journal, book, filings, rewraps, grants, keyring, signer } = options
  // One at a time: of two orders for the same file, the second sees the first one's result.
  const serial = createSerial()

  function orderOf(body: DestructionBody): Order {
    if ("cleared" in body) {
      const { cleared } = body
      const { orderId, caseId, basis, evidence } = cleared
      const orderSha256 = canonicalDigest(cleared)
      const data = { orderId, orderSha256, caseId, basis, pieces: evidence.length }
      return {
        orderId,
        orderSha256,
        basis,
        evidence,
        take(pieces) {
          grants.assertClearingFree()
          return journal.recordAll([...pieces, { type: "clearing.ordered", actor: "server", data }])
        },
      }
    }
    const { proven } = body
    const { grant } = proven
    if (grant.purpose !== "destroy") {
      throw refusal("other-purpose", "the grant is for another action", { grantId: grant.grantId })
    }
    return {
      orderId: grant.grantId,
      orderSha256: digestOfGrant(grant),
      basis: grant.basis,
      evidence: grant.evidence,
      async take(pieces) {
        keyring.identities()
        await grants.use(proven, ["destroy"], pieces)
      },
    }
  }

  async function take(order: Order): Promise<void> {
    const { orderId, basis, evidence } = order
    if (new Set(evidence.map(({ evidenceId }) => evidenceId)).size < evidence.length) {
      throw refusal("malformed", "the order names a piece of evidence twice")
    }
    if (MUST_LAST_A_YEAR.has(basis)) assertNotFiled(evidence, { filings, rewraps, now: journal.clock.now() })
    for (const piece of evidence) await assertSame(piece)
    await order.take(
      evidence.map((piece) => ({ type: "destruction.piece", actor: "server", data: { orderId, ...piece } })),
    )
  }

  /** Whether the sealed file exists; refuses another one under its name. */
  async function assertSame({ evidenceId, ciphertextSha256 }: Piece): Promise<boolean> {
    const digest = await sealedDigest(dir, evidenceId)
    if (digest !== undefined && !rewraps.digestsOf({ evidenceId, ciphertextSha256 }).includes(digest)) {
      throw refusal("other-evidence", "another sealed file has this name", { evidenceId })
    }
    return digest !== undefined
  }

  async function remove(piece: Piece): Promise<FileOutcome> {
    if (!(await assertSame(piece))) return "absent"
    // In another user's folder it creates no file: the folder's owner deletes the evidence.
    if ((await stat(dir)).uid !== process.getuid?.()) return "left"
    await removeEvidence(dir, piece.evidenceId)
    return "removed"
  }

  async function finish({ orderId, evidence, fates }: Destruction): Promise<void> {
    for (const piece of evidence) {
      if (fates.has(piece.evidenceId)) continue
      const file = await remove(piece)
      const data = { orderId, evidenceId: piece.evidenceId, file }
      await journal.record("destruction.done", "custodian", data)
    }
  }

  function getOrThrow(orderId: string): Destruction {
    const known = book.find(orderId)
    if (known === undefined) throw refusal("unknown", "there is no such order")
    return known
  }

  return {
    destroy: (body) =>
      serial.run(async () => {
        const order = orderOf(body)
        const known = book.find(order.orderId)
        if (known !== undefined && known.orderSha256 !== order.orderSha256) {
          throw refusal("replayed", "another order has this id", { grantId: order.orderId })
        }
        if (known === undefined) await take(order)
        await finish(getOrThrow(order.orderId))
        return toReceipt(getOrThrow(order.orderId), signer)
      }),
    records: () =>
      book.all().flatMap(({ orderId, caseId, basis, evidence, at }) =>
        evidence.map((piece) => ({
          ...piece,
          orderId,
          caseId,
          basis,
          at,
        })),
      ),
  }
}

function toReceipt(order: Destruction, signer: Signer): DestructionReceipt {
  const { orderId, orderSha256, caseId, basis, people, evidence, fates, at } = order
  return signDocument(
    {
      format: DESTRUCTION_RECEIPT_FORMAT,
      orderId,
      orderSha256,
      caseId,
      basis,
      at,
      people: [...people],
      evidence: evidence.map((piece) => ({ ...piece, file: fates.get(piece.evidenceId) ?? "left" })),
    },
    signer,
  )
}
