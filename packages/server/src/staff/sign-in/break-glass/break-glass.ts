/**
 * Break-glass access from the host, for when fewer than two administrators are left. It needs the custodian's
 * passphrase, raises an alarm at once, and opens only after a delay in which any administrator can cancel it.
 * @module
 */

import { randomUUID } from "node:crypto"
import { HOUR_MS, RequestError } from "@nightlight/core"
import type { PersonActor, PersonId } from "../../../platform/auth/actor.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import { SYSTEM_HOST } from "../../people/types.ts"
import type { JoiningCodes } from "../joining/codes.ts"
import type { PersonLink } from "../joining/joining.ts"
import type { Links } from "../joining/links.ts"
import { resetCredentials } from "../joining/reset.ts"
import type { Sessions } from "../sessions/sessions.ts"
import type { SignInDeps } from "../types.ts"
import * as store from "./store.ts"

/** How long a request waits before it opens. */
export const BREAK_GLASS_HOURS = 24

/** Break-glass access. The first two methods are for the host's command alone, the others for people. */
export interface BreakGlass {
  /**
   * Requests a reset of an administrator, or a new one.
   *
   * @param prove - Checks the custodian's passphrase; throws if it is wrong.
   * @throws {RequestError} `state_conflict` if the person is no administrator; what `prove` throws.
   */
  request(purpose: store.BreakGlassRequest["for"], prove: () => Promise<void>): Promise<store.BreakGlassRequest>
  /**
   * Opens a request whose delay has passed, with the passphrase once more.
   *
   * @returns The link to join by, and the code that opens it. The new person has no tie to anybody.
   * @throws {RequestError} `not_found`, `state_conflict` if it was cancelled, is done or must still wait.
   */
  open(id: string, prove: () => Promise<void>): Promise<PersonLink & { readonly code: string }>
  /** Cancels a waiting request. Throws {@link RequestError} `not_found`, `state_conflict`. */
  cancel(actor: PersonActor, id: string): Promise<store.BreakGlassRequest>
  /** Cancels every waiting request, in the caller's transaction. */
  cancelAllIn(tx: EventTransaction): Promise<void>
  /** All requests, newest first. */
  list(): Promise<readonly store.BreakGlassRequest[]>
}

/** A request is stored only after `prove` has resolved, and opens {@link BREAK_GLASS_HOURS} hours later. */
export function createBreakGlass(
  deps: SignInDeps & { readonly links: Links; readonly codes: JoiningCodes; readonly sessions: Sessions },
): BreakGlass {
  const { db, clock, people, alarms, links, codes } = deps

  const waiting = async (trx: typeof db, id: string): Promise<store.BreakGlassRequest> => {
    const request = await store.lockRequest(trx, id)
    if (request === undefined) throw new RequestError("not_found", "there is no such request")
    if (request.state !== "waiting") throw new RequestError("state_conflict", "this request was decided before")
    return request
  }
  return {
    request: async (purpose, prove) => {
      await prove()
      if (purpose.kind === "reset") {
        const { roles, deactivatedAt } = await people.get(purpose.personId)
        const isAdministrator = deactivatedAt === undefined && roles.some(({ role }) => role === "administrator")
        if (!isAdministrator) throw new RequestError("state_conflict", "this person is no administrator")
      }
      const requestedAt = clock.now()
      const opensAt = new Date(requestedAt.getTime() + BREAK_GLASS_HOURS * HOUR_MS)
      const id = `glass-${randomUUID()}`
      const request: store.BreakGlassRequest = {
        id,
        for: purpose,
        requestedAt,
        opensAt,
        state: "waiting",
        decidedBy: undefined,
      }
      await transact(deps, SYSTEM_HOST, async (tx) => {
        await store.insertRequest(tx.trx, request)
        const about = purpose.kind === "reset" ? purpose.personId : undefined
        tx.record({ type: "break-glass.requested", subject: id, data: { kind: purpose.kind, about } })
        await alarms.raise(tx, { code: "break-glass-requested", subject: id, data: { opensAt: opensAt.toISOString() } })
      })
      return request
    },
    open: async (id, prove) => {
      await prove()
      return transact(deps, SYSTEM_HOST, async (tx) => {
        const { for: purpose, opensAt } = await waiting(tx.trx, id)
        if (opensAt > clock.now()) {
          throw new RequestError("state_conflict", "this request must still wait", {
            details: { opensAt: opensAt.toISOString() },
          })
        }
        await store.decideRequest(tx.trx, id, { state: "done", by: SYSTEM_HOST, at: clock.now() })
        tx.record({ type: "break-glass.opened", subject: id, data: { kind: purpose.kind } })
        await alarms.raise(tx, { code: "break-glass-opened", subject: id })
        if (purpose.kind === "reset") {
          const personId = purpose.personId as PersonId
          const link = await resetCredentials(deps, tx, personId, { by: SYSTEM_HOST })
          return { personId, ...link, code: (await codes.makeIn(tx, personId)).code }
        }
        const personId = await people.create(tx, { name: purpose.name, email: purpose.email, by: SYSTEM_HOST })
        await people.grant(tx, personId, { role: "administrator", requestedBy: SYSTEM_HOST, approvedBy: SYSTEM_HOST })
        const link = await links.make(tx, { kind: "invitation", personId, by: SYSTEM_HOST })
        return { personId, ...link, code: (await codes.makeIn(tx, personId)).code }
      })
    },
    cancel: (actor, id) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const request = await waiting(trx, id)
        await store.decideRequest(trx, id, { state: "cancelled", by: actor.id, at: clock.now() })
        record({ type: "break-glass.cancelled", subject: id })
        return { ...request, state: "cancelled", decidedBy: actor.id }
      }),
    cancelAllIn: async ({ trx, record }) => {
      for (const { id, state } of await store.listRequests(trx)) {
        if (state !== "waiting") continue
        await waiting(trx, id)
        await store.decideRequest(trx, id, { state: "cancelled", by: SYSTEM_HOST, at: clock.now() })
        record({ type: "break-glass.cancelled", subject: id })
      }
    },
    list: () => store.listRequests(db),
  }
}
