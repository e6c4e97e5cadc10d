/**
 * Viewings of originals take two people: the grant waits here, for ten minutes at most, until a second person has
 * proven it too. The custodian checks both proofs; this service records who requested it of whom.
 * @module
 */

import { randomUUID } from "node:crypto"
import { type GrantProof, type OriginalGrant, signedBy } from "@nightlight/contract/custodian"
import { ORIGINAL_MINUTES } from "@nightlight/contract/server"
import { compact, MINUTE_MS, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { OriginalState } from "../../platform/db/tables/casework.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import { assertHolder, assertTrained } from "../cases/claims/claims.ts"
import type { Training } from "../cases/ports.ts"
import type { CasesService } from "../cases/service.ts"
import type { CaseItem } from "../cases/types.ts"
import { assertGrantFits } from "../viewings/check-grant.ts"
import type { ViewedItem } from "../viewings/service.ts"
import * as store from "./store.ts"
import type { OriginalRequest } from "./types.ts"

/** Dependencies of {@link createOriginals}. */
export interface OriginalsDeps extends TransactDeps {
  readonly cases: CasesService
  readonly training: Training
  /** Whether two people are independent: neither made, granted a role to or reset the other. */
  readonly areIndependent: (db: Kysely<Tables>, first: string, second: string) => Promise<boolean>
}

/** A request as one person sees it. */
export interface RequestForViewer {
  readonly request: OriginalRequest
  readonly item: CaseItem
  readonly mayApprove: boolean
}

/** Requests for originals, and their second proofs. */
export interface Originals {
  /**
   * Requests a second person's proof; an earlier request of the same person for the item is withdrawn.
   *
   * @throws {RequestError} `input_invalid` if the grant is for something else, valid for too long or not proven by the
   *   person; `state_conflict` if they do not hold the case, the grant was used, or there is no content.
   */
  request(
    person: PersonActor,
    place: ViewedItem,
    request: { readonly grant: OriginalGrant; readonly proof: GrantProof },
  ): Promise<RequestForViewer>
  /** A person's own requests, and those that they may approve. */
  list(person: PersonActor): Promise<readonly RequestForViewer[]>
  /** Whether {@link list} may show this request. */
  mayRead(person: PersonActor, id: string): Promise<boolean>
  /**
   * Adds the second person's proof.
   *
   * @throws {RequestError} `state_conflict` if it is no longer waiting; `second_person_required` if the two are not
   *   independent; `input_invalid` if the proof is somebody else's.
   */
  prove(person: PersonActor, id: string, proof: GrantProof): Promise<RequestForViewer>
  /** Declines a request, or withdraws one's own. @throws {RequestError} `state_conflict` if it is no longer waiting. */
  decline(person: PersonActor, id: string): Promise<RequestForViewer>
}

/**
 * A request ends once: if it is no longer waiting, or its grant has expired, every further call throws
 * `state_conflict`.
 */
export function createOriginals(deps: OriginalsDeps): Originals {
  const { db, clock, cases, areIndependent } = deps

  const isLive = ({ expiresAt }: OriginalRequest) => expiresAt > clock.now()
  const concerns = (person: PersonActor, { requestedBy, state }: OriginalRequest) =>
    requestedBy === person.id || (state === "waiting" && can(person, "viewing:approve"))
  const seen = async (person: PersonActor, request: OriginalRequest): Promise<RequestForViewer> => {
    const caseItem = await cases.item(request.caseId, request.itemId)
    if (caseItem === undefined) throw new RequestError("not_found", "there is no such item")
    const { state, requestedBy } = request
    const free = state === "waiting" && isLive(request) && can(person, "viewing:approve")
    return { request, item: caseItem, mayApprove: free && (await areIndependent(db, requestedBy, person.id)) }
  }
  const waiting = async ({ trx }: EventTransaction, id: string): Promise<OriginalRequest> => {
    const request = await store.lockRequest(trx, id)
    if (request === undefined) throw new RequestError("not_found", "there is no such request")
    if (request.state !== "waiting" || !isLive(request)) {
      throw new RequestError("state_conflict", "this request is no longer waiting")
    }
    return request
  }
  const closeRequest = async (
    { trx, record }: EventTransaction,
    request: OriginalRequest,
    by: string,
    { state, signature }: { readonly state: Exclude<OriginalState, "waiting">; readonly signature?: string },
  ): Promise<OriginalRequest> => {
    const { id, caseId, itemId, grant, requestedBy } = request
    const at = clock.now()
    await store.decideRequest(trx, id, compact({ state, by, at, signature }))
    const data = compact({
      request: id,
      item: itemId,
      grant: grant.grantId,
      requestedBy,
      by: signature === undefined ? undefined : signedBy(signature),
    })
    record({ type: `original.${state}`, subject: caseId, data })
    return { ...request, state, decidedBy: by, secondSignature: signature }
  }

  return {
    request: async (person, { caseId, itemId }, { grant, proof }) => {
      await assertTrained(deps, person)
      const now = clock.now()
      const [head, caseItem] = [await cases.get(caseId), await cases.item(caseId, itemId)]
      if (head === undefined || caseItem === undefined) throw new RequestError("not_found", "there is no such item")
      assertHolder(head, person, now)
      assertGrantFits(grant, { person, item: caseItem, now })
      assertProof(person, proof)
      const expiresAt = new Date(grant.expiresAt)
      if (expiresAt.getTime() > now.getTime() + ORIGINAL_MINUTES * MINUTE_MS) {
        throw new RequestError("input_invalid", "a grant for an original is valid for ten minutes at most", {
          hint: "Check this computer's clock.",
        })
      }
      const request = {
        id: `orequest-${randomUUID()}`,
        caseId,
        itemId,
        requestedBy: person.id,
        requestedAt: now,
        expiresAt,
        grant,
        firstSignature: proof.signature,
      }
      await transact(deps, person.id, async (tx) => {
        for (const before of await store.lockWaitingOf(tx.trx, person.id, itemId)) {
          await closeRequest(tx, before, person.id, { state: "withdrawn" })
        }
        const { id, grant: originalGrant } = request
        const data = {
          request: id,
          item: itemId,
          evidence: originalGrant.evidence.evidenceId,
          grant: originalGrant.grantId,
        }
        tx.record({
          type: "original.requested",
          subject: caseId,
          data: { ...data, reason: originalGrant.reason, by: signedBy(proof.signature) },
        })
        await store.addRequest(tx.trx, request)
      })
      return seen(person, { ...request, state: "waiting", secondSignature: undefined, decidedBy: undefined })
    },
    list: async (person) => {
      const live = (await store.readLive(db, clock.now())).filter((request) => concerns(person, request))
      const all = await Promise.all(live.map((request) => seen(person, request)))
      return all.filter(({ request, mayApprove }) => mayApprove || request.requestedBy === person.id)
    },
    mayRead: async (person, id) => {
      const request = await store.readRequest(db, id)
      return request !== undefined && concerns(person, request)
    },
    prove: async (person, id, proof) => {
      await assertTrained(deps, person)
      assertProof(person, proof)
      const proven = await transact(deps, person.id, async (tx) => {
        const request = await waiting(tx, id)
        if (!(await areIndependent(tx.trx, request.requestedBy, person.id))) {
          throw new RequestError(
            "second_person_required",
            "this must be proven by somebody other than the requester and independent of them",
          )
        }
        return closeRequest(tx, request, person.id, { state: "proven", signature: proof.signature })
      })
      return seen(person, proven)
    },
    decline: async (person, id) => {
      const declined = await transact(deps, person.id, async (tx) => {
        const request = await waiting(tx, id)
        return closeRequest(tx, request, person.id, {
          state: request.requestedBy === person.id ? "withdrawn" : "declined",
        })
      })
      return seen(person, declined)
    },
  }
}

function assertProof(person: PersonActor, proof: GrantProof): void {
  if (proof.person !== person.id) throw new RequestError("input_invalid", "the proof must be the caller's own")
}

/** Withdraws every waiting request for an original, as `voidWaitingApprovals` expires approvals. */
export async function voidWaitingOriginals({ trx, record }: EventTransaction, by: string, at: Date): Promise<void> {
  for (const { id, caseId, itemId, grant, requestedBy } of await store.lockWaiting(trx)) {
    await store.decideRequest(trx, id, { state: "withdrawn", by, at })
    const data = { request: id, item: itemId, grant: grant.grantId, requestedBy, why: "restored" }
    record({ type: "original.withdrawn", subject: caseId, data })
  }
}
