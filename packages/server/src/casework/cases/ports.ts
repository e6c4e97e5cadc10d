/**
 * What cases, review and looks need of others.
 * @module
 */

import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { ContextKeys } from "../../platform/context-keys/context-keys.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { PagerPort } from "../../staff/pager/types.ts"
import type { ClockRules } from "./state/knowledge.ts"

/** Who may judge: reviewers are a counted, trained, dated list. */
export interface Training {
  /** Whether a person's training is on record and still good. */
  isTrained(person: PersonId): Promise<boolean>
}

/** What people chose not to be given. */
export interface OptOuts {
  /** Categories of hash lists. */
  optOutCategories(person: string, from: Kysely<Tables>): Promise<readonly string[]>
}

/** Raises alarms, in the change that causes them. */
export type AlarmPort = Pick<Alarms, "raise">

export interface CasesDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly training: Training
  readonly optOuts: OptOuts
  readonly alarms: AlarmPort
  readonly pager: PagerPort
  /** What starts a case's clock; `CLOCK_RULES` unless given. */
  readonly clockRules?: ClockRules
}
