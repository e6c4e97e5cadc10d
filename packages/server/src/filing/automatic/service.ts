/**
 * Filing authorisations in the server: made, proven by two people, switched on by an approval, ended by either.
 * @module
 */

import { randomUUID } from "node:crypto"
import {
  AUTHORISATION_FORMAT,
  type AuthorisationRevocationBody,
  documentDigest,
  type FilingAuthorisation,
  type FilingTemplate,
  type GrantProof,
  type ListSnapshot,
} from "@nightlight/contract/custodian"
import { DAY_MS, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { AUTOMATE_APPROVAL } from "./approval.ts"
import { insertAuthorisation, listAuthorisations, readAuthorisation, writeProofs, writeState } from "./store.ts"
import type { StoredAuthorisation } from "./types.ts"

/** `dailyCap`: reports a day. `days`: how long it lasts. `reporter`: id of the person who proves it beside counsel. */
export interface AuthorisationRequest {
  readonly lists: readonly string[]
  readonly dailyCap: number
  readonly days: number
  readonly reporter: string
}

/** Filing authorisations: two people prove one, and the custodian files under it until it ends. */
export interface Automation {
  /** Makes the document that counsel and the reporter prove. */
  make(actor: PersonActor, request: AuthorisationRequest): Promise<StoredAuthorisation>
  /** Adds the proof of one of its two people; counsel's requests the approval that the reporter gives. */
  prove(actor: PersonActor, authorisationId: string, proof: GrantProof): Promise<StoredAuthorisation>
  /** Ends it, first at the custodian. */
  end(actor: PersonActor, authorisationId: string, body: AuthorisationRevocationBody): Promise<StoredAuthorisation>
  list(): Promise<readonly StoredAuthorisation[]>
  /** The text that reports may have under a filing authorisation made now. */
  template(): FilingTemplate
}

/** Dependencies of {@link createAutomation}. */
export interface AutomationDeps extends TransactDeps {
  readonly approvals: Pick<Approvals, "request">
  readonly custodian: Pick<CustodianClient, "grantAuthorisation" | "revokeAuthorisation" | "lists">
  /**
   * Everything that a report says which nobody prepared.
   *
   * @throws {RequestError} `state_conflict` if the configuration does not say who reports.
   */
  readonly template: () => FilingTemplate
  readonly environment: FilingAuthorisation["environment"]
}

/**
 * An authorisation names the custodian's present snapshots of the lists: without one of a list, `make` throws
 * `state_conflict`.
 */
export function createAutomation(deps: AutomationDeps): Automation {
  const { db, clock, approvals, custodian, environment, template } = deps

  const must = async (from: typeof db, authorisationId: string, lock = false): Promise<StoredAuthorisation> => {
    const found = await readAuthorisation(from, authorisationId, lock)
    if (found === undefined) throw new RequestError("not_found", "there is no such filing authorisation")
    return found
  }

  /** The custodian's snapshots of these lists: it matches against nothing else. */
  const snapshotsOf = async (lists: readonly string[]): Promise<readonly ListSnapshot[]> => {
    const known = await custodian.lists()
    return lists.map((list) => {
      const snapshot = known.find((one) => one.list === list)
      if (snapshot !== undefined) return snapshot
      throw new RequestError("state_conflict", "the custodian has no snapshot of this list", {
        details: { list },
        hint: "The operator of its host makes one: nightlight lists snapshot.",
      })
    })
  }

  return {
    make: async (actor, { lists, dailyCap, days, reporter }) => {
      const snapshots = await snapshotsOf([...new Set(lists)].toSorted())
      return transact(deps, actor.id, async ({ trx, record }) => {
        if (reporter === actor.id)
          throw new RequestError("second_person_required", "the second person must be a reporter")
        const madeAt = clock.now()
        const authorisation: FilingAuthorisation = {
          format: AUTHORISATION_FORMAT,
          authorisationId: `authorisation-${randomUUID()}`,
          environment,
          dailyCap,
          reporter,
          lists: snapshots.map(({ list }) => list),
          snapshots: [...snapshots],
          template: template(),
          counsel: actor.id,
          issuedAt: madeAt.toISOString(),
          expiresAt: new Date(madeAt.getTime() + days * DAY_MS).toISOString(),
        }
        await insertAuthorisation(trx, { authorisation, madeBy: actor.id, madeAt })
        record({ type: "automation.drafted", subject: authorisation.authorisationId, data: { reporter, dailyCap } })
        return must(trx, authorisation.authorisationId)
      })
    },
    prove: (actor, authorisationId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const { trx, record } = tx
        const { authorisation, proofs, state } = await must(trx, authorisationId, true)
        if (proof.person !== actor.id)
          throw new RequestError("forbidden", "the proof must be by the person that it names")
        if (actor.id !== authorisation.counsel && actor.id !== authorisation.reporter) {
          throw new RequestError("forbidden", "only the two people named by this filing authorisation prove it")
        }
        if (state !== "requested")
          throw new RequestError("state_conflict", "this filing authorisation is not waiting for a proof")
        const isFirst = proofs.every(({ person }) => person !== actor.id)
        await writeProofs(trx, authorisationId, [...proofs.filter(({ person }) => person !== actor.id), proof])
        record({ type: "automation.proven", subject: authorisationId })
        if (isFirst && actor.id === authorisation.counsel) {
          const { environment: host, lists, dailyCap, expiresAt, reporter: second } = authorisation
          const templateSha256 = await documentDigest(authorisation.template)
          const payload = { environment: host, lists, dailyCap, expiresAt, reporter: second, templateSha256 }
          await approvals.request(tx, actor, AUTOMATE_APPROVAL, authorisationId, payload)
        }
        return must(trx, authorisationId)
      }),
    end: async (actor, authorisationId, body) => {
      const { authorisation, state } = await must(db, authorisationId)
      const { revocation } = body
      if (revocation.authorisationId !== authorisationId || revocation.person !== actor.id) {
        throw new RequestError(
          "forbidden",
          "only one of its two people ends this filing authorisation, with their own key",
        )
      }
      if (actor.id !== authorisation.counsel && actor.id !== authorisation.reporter) {
        throw new RequestError(
          "forbidden",
          "only one of its two people ends this filing authorisation, with their own key",
        )
      }
      if (state === "live") await custodian.revokeAuthorisation(body)
      return transact(deps, actor.id, async ({ trx, record }) => {
        const now = await must(trx, authorisationId, true)
        if (now.state === "ended") return now
        await writeState(trx, authorisationId, { state: "ended", endedAt: clock.now() })
        record({ type: "automation.switched-off", subject: authorisationId, data: { by: actor.id } })
        return must(trx, authorisationId)
      })
    },
    list: () => listAuthorisations(db),
    template,
  }
}
