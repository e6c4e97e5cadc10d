/**
 * Standing authorisations on the server's side: made, proven by two people, switched on by an approval, ended by either.
 * @module
 */

import { randomUUID } from "node:crypto"
import {
  documentDigest,
  type GrantProof,
  type ListSnapshot,
  STANDING_FORMAT,
  type Standing,
  type StandingRevocationBody,
  type StandingTemplate,
} from "@nightlight/contract/custodian"
import { DAY_MS, RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import { AUTOMATE_APPROVAL } from "./approval.ts"
import { insertStanding, listStandings, readStanding, writeProofs, writeState } from "./store.ts"
import type { StoredStanding } from "./types.ts"

/** What is asked for. */
export interface StandingRequest {
  readonly lists: readonly string[]
  readonly dailyCap: number
  readonly days: number
  readonly reporter: string
}

/** Switching automatic filing on and off. */
export interface Automation {
  /** Makes the document that counsel and the reporter prove. */
  make(actor: PersonActor, request: StandingRequest): Promise<StoredStanding>
  /** Takes the proof of one of its two people; counsel's asks for the approval that the reporter seconds. */
  prove(actor: PersonActor, standingId: string, proof: GrantProof): Promise<StoredStanding>
  /** Ends it, at the custodian first. */
  end(actor: PersonActor, standingId: string, body: StandingRevocationBody): Promise<StoredStanding>
  list(): Promise<readonly StoredStanding[]>
  /** What a standing authorisation that is made now lets reports say. */
  template(): StandingTemplate
}

/** What it works with. */
export interface AutomationDeps extends TransactDeps {
  readonly approvals: Pick<Approvals, "request">
  readonly custodian: Pick<CustodianClient, "grantStanding" | "revokeStanding" | "lists">
  /**
   * All that a report says which nobody prepared.
   *
   * @throws {RequestError} `state_conflict` if the configuration does not say who reports.
   */
  readonly template: () => StandingTemplate
  readonly environment: Standing["environment"]
}

/** Makes the service. */
export function createAutomation(deps: AutomationDeps): Automation {
  const { db, clock, approvals, custodian, environment, template } = deps

  const must = async (from: typeof db, standingId: string, lock = false): Promise<StoredStanding> => {
    const found = await readStanding(from, standingId, lock)
    if (found === undefined) throw new RequestError("not_found", "there is no such standing authorisation")
    return found
  }

  /** What the custodian has of these lists: it matches against nothing else. */
  const snapshotsOf = async (lists: readonly string[]): Promise<readonly ListSnapshot[]> => {
    const known = await custodian.lists()
    return lists.map((list) => {
      const snapshot = known.find((one) => one.list === list)
      if (snapshot !== undefined) return snapshot
      throw new RequestError("state_conflict", "the custodian has no snapshot of this list", {
        details: { list },
        hint: "Whoever runs its host makes one: nightlight lists snapshot.",
      })
    })
  }

  return {
    make: async (actor, { lists, dailyCap, days, reporter }) => {
      const snapshots = await snapshotsOf([...new Set(lists)].toSorted())
      return transact(deps, actor.id, async ({ trx, record }) => {
        if (reporter === actor.id) throw new RequestError("second_person_required", "a reporter is the second person")
        const madeAt = clock.now()
        const standing: Standing = {
          format: STANDING_FORMAT,
          standingId: `standing-${randomUUID()}`,
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
        await insertStanding(trx, { standing, madeBy: actor.id, madeAt })
        record({ type: "automation.drafted", subject: standing.standingId, data: { reporter, dailyCap } })
        return must(trx, standing.standingId)
      })
    },
    prove: (actor, standingId, proof) =>
      transact(deps, actor.id, async (tx) => {
        const { trx, record } = tx
        const { standing, proofs, state } = await must(trx, standingId, true)
        if (proof.person !== actor.id) throw new RequestError("forbidden", "a proof is given by the person it names")
        if (actor.id !== standing.counsel && actor.id !== standing.reporter) {
          throw new RequestError("forbidden", "this is proven by the two people whom it names")
        }
        if (state !== "asked") throw new RequestError("state_conflict", "this does not wait for a proof")
        const isFirst = proofs.every(({ person }) => person !== actor.id)
        await writeProofs(trx, standingId, [...proofs.filter(({ person }) => person !== actor.id), proof])
        record({ type: "automation.proven", subject: standingId })
        if (isFirst && actor.id === standing.counsel) {
          const { environment: host, lists, dailyCap, expiresAt, reporter: second } = standing
          const templateSha256 = await documentDigest(standing.template)
          const payload = { environment: host, lists, dailyCap, expiresAt, reporter: second, templateSha256 }
          await approvals.request(tx, actor, AUTOMATE_APPROVAL, standingId, payload)
        }
        return must(trx, standingId)
      }),
    end: async (actor, standingId, body) => {
      const { standing, state } = await must(db, standingId)
      const { revocation } = body
      if (revocation.standingId !== standingId || revocation.person !== actor.id) {
        throw new RequestError("forbidden", "this is ended by one of its two people, with their own key")
      }
      if (actor.id !== standing.counsel && actor.id !== standing.reporter) {
        throw new RequestError("forbidden", "this is ended by one of its two people, with their own key")
      }
      if (state === "live") await custodian.revokeStanding(body)
      return transact(deps, actor.id, async ({ trx, record }) => {
        const now = await must(trx, standingId, true)
        if (now.state === "ended") return now
        await writeState(trx, standingId, { state: "ended", endedAt: clock.now() })
        record({ type: "automation.switched-off", subject: standingId, data: { by: actor.id } })
        return must(trx, standingId)
      })
    },
    list: () => listStandings(db),
    template,
  }
}
