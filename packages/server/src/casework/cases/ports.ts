/**
 * Ports of cases, review and viewings to other features.
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
  /** Whether a person's training is recorded and valid. */
  isTrained(person: PersonId): Promise<boolean>
}

/** Which categories of cases the queue does not give to a person. */
export interface OptOuts {
  /** Categories of hash lists that a person opted out of. */
  optOutCategories(person: string, from: Kysely<Tables>): Promise<readonly string[]>
}

/** Raises alarms, in the transaction that causes them. */
export type AlarmPort = Pick<Alarms, "raise">

/** Dependencies of cases, which review extends. */
export interface CasesDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly training: Training
  readonly optOuts: OptOuts
  readonly alarms: AlarmPort
  readonly pager: PagerPort
  /** Events that start a case's clock; `CLOCK_RULES` by default. */
  readonly clockRules?: ClockRules
}
