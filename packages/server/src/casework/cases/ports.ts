/**
 * What cases, review and looks need of others.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { PagerCode } from "../../platform/db/tables/staff.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Change } from "../../platform/events/change.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { OnCallContact, PagerCall } from "../../staff/pager/types.ts"
import type { ClockRules } from "./knowledge.ts"

/** Who may judge: reviewers are a counted, trained, dated list. */
export interface Training {
  /** Whether a person's training is on record and still good. */
  isTrained(person: PersonId): Promise<boolean>
}

/** Raises alarms, in the change that causes them. */
export type AlarmPort = Pick<Alarms, "raise">

/** Calls a person at once, wherever they are. */
export interface PagerPort {
  /** Whether anybody can be called, and whom to telephone besides or instead. */
  readonly onCall: { readonly isSet: boolean; readonly contact: OnCallContact | undefined }
  /** Has a person called when the change is committed; where no pager is set up, notes that nobody was. */
  page(change: Change, call: { readonly code: PagerCode; readonly subject: string }): Promise<void>
  /** What became of the last call about a case; `undefined` where there was none. */
  callAbout(subject: string): Promise<PagerCall | undefined>
}

/** What cases work with. */
export interface CasesDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly training: Training
  readonly alarms: AlarmPort
  readonly pager: PagerPort
  /** What starts a case's clock; `CLOCK_RULES` unless given. */
  readonly clockRules?: ClockRules
}
