/**
 * Decides which of the custodian's notices the restored database does not know, and what to repeat for each.
 * @module
 */

import type { Notice } from "@nightlight/contract/custodian"
import { type Clock, compact } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { CasesService } from "../../casework/cases/service.ts"
import type { PreservationReplay } from "../../filing/preservation/replay.ts"
import { withdrawReportAgain } from "../../filing/reports/replay.ts"
import { closeRequestAgain, requestExists } from "../../filing/requests/replay.ts"
import type { FalsePositives } from "../../intake/false-positives/service.ts"
import type { Sources } from "../../intake/sources/types.ts"
import type { Role } from "../../platform/auth/actor.ts"
import type { HoldReason } from "../../platform/db/tables/filing.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents, textOf } from "../../platform/events/read.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { Keys } from "../../staff/keys/service.ts"
import type { People } from "../../staff/people/service.ts"

/** Dependencies of {@link createReplay}. */
export interface ReplayDeps {
  readonly people: Pick<People, "get" | "deactivateIn" | "removeRoleIn" | "isLastAdministrator">
  readonly keys: Pick<Keys, "revokeIn">
  readonly sources: Pick<Sources, "revokeIn" | "revokeUnlessIn">
  readonly preservation: PreservationReplay
  readonly falsePositives: Pick<FalsePositives, "endAgain">
  readonly cases: Pick<CasesService, "get" | "flagDangerAgain">
  readonly clock: Clock
}

/** Why something cannot be repeated, so that a person must handle it. */
export type ReplayProblem =
  | "case-unknown"
  | "last-administrator"
  | "credentials-older"
  /** A request that arrived after the backup: no database has its content. */
  | "request-unknown"
  /** The active policy is not the one that two people last made active. */
  | "policy-older"
  /** A report that was withdrawn is approved or held here: its filing may have begun. */
  | "report-went-on"

/** Repeats one notice in the caller's transaction. Returns why not, if it cannot. */
export type Replay = (tx: EventTransaction, notice: Notice) => Promise<ReplayProblem | undefined>

/** A notice that the database already reflects changes nothing, so a replay can be repeated. */
export function createReplay(deps: ReplayDeps): Replay {
  const { people, keys, sources, preservation, falsePositives, cases, clock } = deps
  const caseExists = async (db: Kysely<Tables>, caseId: string) => (await cases.get(caseId, db)) !== undefined
  const personOf = (tx: EventTransaction, id: string) => people.get(id, tx.trx).catch(() => undefined)
  return async (tx, { type, at, actor, data }) => {
    const subject = textOf(data, "subject")
    const given = (name: string) => textOf(data, name) || undefined
    const dateOf = (name: string) => (given(name) === undefined ? undefined : new Date(textOf(data, name)))
    switch (type) {
      case "person.deactivated": {
        const person = await personOf(tx, subject)
        if (person === undefined || person.deactivatedAt !== undefined) return undefined
        if (await people.isLastAdministrator(tx, subject)) return "last-administrator"
        await people.deactivateIn(tx, subject)
        return undefined
      }
      case "role.removed": {
        const role = textOf(data, "role") as Role
        if ((await personOf(tx, subject)) === undefined) return undefined
        if (role === "administrator" && (await people.isLastAdministrator(tx, subject))) return "last-administrator"
        await people.removeRoleIn(tx, subject, role)
        return undefined
      }
      case "credentials.password-changed":
      case "credentials.reset":
      case "credentials.set": {
        const person = await personOf(tx, subject)
        // People who had not joined by the backup have nothing to sign in with.
        return person?.joinedAt === undefined || person.deactivatedAt !== undefined ? undefined : "credentials-older"
      }
      case "key.revoked":
        await keys.revokeIn(tx, subject)
        return undefined
      case "source.revoked":
        await sources.revokeIn(tx, subject)
        return undefined
      case "source.rotated":
        // The key that the database has again is the old one, and it does not know the new one.
        await sources.revokeUnlessIn(tx, subject, textOf(data, "key"))
        return undefined
      case "evidence.destroyed":
        await preservation.destroyed(tx, subject, textOf(data, "case"))
        return undefined
      case "case.context-destroyed":
        if (await caseExists(tx.trx, subject)) await preservation.contextDestroyed(tx, subject)
        return undefined
      case "preservation.locked":
      case "preservation.extended": {
        // Locks of a case on another case's rows are repeated with the case itself.
        if (given("by") !== undefined) return undefined
        const until = dateOf("until")
        const reportId = given("report")
        if (until === undefined || !(await caseExists(tx.trx, subject))) return "case-unknown"
        await preservation.locked(tx, subject, compact({ until, reportId }))
        return undefined
      }
      case "hold.placed":
        if (!(await caseExists(tx.trx, subject))) return "case-unknown"
        await preservation.replaceHold(tx, {
          holdId: textOf(data, "hold"),
          caseId: subject,
          reason: textOf(data, "reason") as HoldReason,
          requestId: given("request"),
          until: dateOf("until"),
          placedBy: actor,
          placedAt: new Date(at),
        })
        return undefined
      case "case.danger-flagged":
        if (!(await caseExists(tx.trx, subject))) return "case-unknown"
        await cases.flagDangerAgain(tx, subject, given("by") ?? actor)
        return undefined
      case "request.opened":
        return (await requestExists(tx.trx, subject)) ? undefined : "request-unknown"
      case "request.closed":
        await closeRequestAgain(tx, subject, { by: actor, at: clock.now() })
        return undefined
      case "report.withdrawn":
        return (await withdrawReportAgain(tx, subject)) ? undefined : "report-went-on"
      case "list.false-positive-ended":
        await falsePositives.endAgain(tx, subject, actor)
        return undefined
      case "policy.activated": {
        const [last] = await readEvents(tx.trx, { type: "policy.activated", order: "newest", limit: 1 })
        return last !== undefined && textOf(last.data, "subject") === subject ? undefined : "policy-older"
      }
      // A hold that was lifted stays as in the backup, and evidence that was kept again is kept.
      case "hold.lifted":
      case "preservation.clearing-cancelled":
        return undefined
      default:
        return type satisfies never
    }
  }
}

/**
 * Leaves out what a later notice undid: a hold that was lifted again, a request that was closed again, a destruction of
 * evidence that arrived again and was kept for another case, and every policy but the last.
 */
export function stillValid(notices: readonly Notice[]): readonly Notice[] {
  const reversedAt = new Map<string, number>()
  for (const [index, { type, data }] of notices.entries()) {
    if (type === "hold.lifted") reversedAt.set(`hold.placed ${textOf(data, "hold")}`, index)
    if (type === "preservation.clearing-cancelled")
      reversedAt.set(`evidence.destroyed ${textOf(data, "subject")}`, index)
    if (type === "request.closed") reversedAt.set(`request.opened ${textOf(data, "subject")}`, index)
    if (type === "policy.activated") reversedAt.set(type, index)
  }
  return notices.filter((notice, index) => (reversedAt.get(keyOf(notice)) ?? -1) <= index)
}

/** The key by which a later notice undoes an earlier one. */
function keyOf({ type, data }: Notice): string {
  if (type === "policy.activated") return type
  return `${type} ${textOf(data, type === "hold.placed" ? "hold" : "subject")}`
}
