/** The services of cases on a real database, with a clock that a test moves. */
import { randomBytes, randomUUID } from "node:crypto"
import { toKeyedDigest } from "@nightlight/vault"
import type { Kysely } from "kysely"
import { createCases } from "../../../server/src/casework/cases/service.ts"
import type { CaseHead } from "../../../server/src/casework/cases/state/head.ts"
import type { AttachedItem, IncomingItem, ItemId } from "../../../server/src/casework/cases/types.ts"
import { UNDO_MS } from "../../../server/src/casework/review/decide.ts"
import { createReview } from "../../../server/src/casework/review/service.ts"
import type { DecidedCase, DecisionInput, JudgedItem } from "../../../server/src/casework/review/types.ts"
import type { PersonActor, PersonId, Role } from "../../../server/src/platform/auth/actor.ts"
import { openContextKeys } from "../../../server/src/platform/context-keys/context-keys.ts"
import type { Tables } from "../../../server/src/platform/db/tables.ts"
import { readEvents } from "../../../server/src/platform/events/read.ts"
import { type EventTransaction, transact } from "../../../server/src/platform/events/transact.ts"
import type { Jobs } from "../../../server/src/platform/jobs/job.ts"
import { createAlarms } from "../../../server/src/staff/alarms/service.ts"
import { createPagerCalls } from "../../../server/src/staff/pager/calls.ts"
import { createPager } from "../../../server/src/staff/pager/pager.ts"
import type { PagerConfig, PagerPort } from "../../../server/src/staff/pager/types.ts"
import type { TestDatabase } from "../database/postgres.ts"

/** A clock that moves only when told to. */
export class TestClock {
  private at = new Date("2026-03-02T09:00:00.000Z")

  now(): Date {
    return this.at
  }

  /** Moves the clock; a negative number moves it back. */
  move(ms: number): void {
    this.at = new Date(this.at.getTime() + ms)
  }
}

/** A signed-in person. */
export function aPerson(...roles: Role[]): PersonActor {
  const id = `person-${randomUUID()}` as PersonId
  return { kind: "person", id, roles: new Set(roles), session: `session-${randomUUID()}`, steppedUpUntil: undefined }
}

/** A job that was queued. */
export interface QueuedJob {
  readonly name: string
  readonly payload: object
  readonly startAfter: Date | undefined
}

const PAGER: PagerConfig = { webhook: { url: "http://127.0.0.1:9/pager" } }

/** Makes the services. Everybody is trained except the people in `untrained`. */
export function createHarness(db: TestDatabase, { secondReviewSampling = 0, pagerConfig = PAGER } = {}) {
  const clock = new TestClock()
  const untrained = new Set<string>()
  const optedOut = new Map<string, readonly string[]>()
  const queued: QueuedJob[] = []
  const jobs: Jobs = {
    enqueue: async (_trx, name, payload, options) =>
      void queued.push({ name, payload, startAfter: options?.startAfter }),
  }
  const kysely: Kysely<Tables> = db.database.kysely
  const deps = { db: kysely, clock, contextKeys: openContextKeys(randomBytes(32)) }
  const alarms = createAlarms(deps)
  const calls = createPagerCalls({ ...deps, alarms })
  const pager: PagerPort = createPager({ jobs, calls, config: pagerConfig })
  const training = { isTrained: async (person: PersonId) => !untrained.has(person) }
  const optOuts = { optOutCategories: async (person: string) => optedOut.get(person) ?? [] }
  const casesDeps = { ...deps, alarms, pager, training, optOuts }
  const cases = createCases(casesDeps)
  const attach = (caseItem: IncomingItem): Promise<AttachedItem> =>
    transact(deps, "system-intake", (tx) => cases.attach(tx, caseItem))
  const decided: DecidedCase[] = []
  const reviewDeps = {
    ...casesDeps,
    jobs,
    digests: toKeyedDigest(randomBytes(32)),
    config: { secondReviewSampling },
    decided: [async (_change: EventTransaction, settled: DecidedCase) => void decided.push(settled)],
  }
  const review = createReview(reviewDeps)
  const typesOf = async (subject: string) => (await readEvents(kysely, { subject })).map(({ type }) => type)
  return {
    ...reviewDeps,
    casesDeps,
    calls,
    cases,
    review,
    attach,
    typesOf,
    untrained,
    optedOut,
    queued,
    settled: decided,
  }
}

/** Services of cases for a test. */
export type Harness = ReturnType<typeof createHarness>

/** A decision: by default reportable under 18 USC 2252A. */
export function aDecision(of: Partial<DecisionInput> & Pick<DecisionInput, "version">): DecisionInput {
  return {
    basis: "18-usc-2252a",
    category: undefined,
    annotations: [],
    imminentDanger: false,
    requestsSecondReview: false,
    items: [],
    template: undefined,
    rationale: "canary-rationale",
    ...of,
  }
}

/**
 * Claims a case and decides it, including every item in a report unless `items` says otherwise. Returns the case after
 * it.
 */
export async function decide(
  { cases, review }: Pick<Harness, "cases" | "review">,
  person: PersonActor,
  caseId: string,
  of: Partial<DecisionInput> = {},
): Promise<CaseHead> {
  const { version } = await cases.claim(person, caseId, (await cases.get(caseId))!.version)
  const isReported = of.basis !== "not-violation" && of.basis !== "policy-violation"
  const caseItems = isReported ? (await cases.items(caseId)).map(({ itemId }) => includedItem(itemId)) : []
  return review.decide(person, caseId, aDecision({ version, items: caseItems, ...of }))
}

/** A judgement that includes an item in a report, without further answers. */
export function includedItem(itemId: ItemId): JudgedItem {
  return { itemId, included: true, classification: undefined, category: undefined, annotations: [] }
}

/** Moves the clock past the time to undo and settles the case. */
export async function settle({ clock, review, cases }: Harness, caseId: string): Promise<CaseHead> {
  clock.move(UNDO_MS)
  await review.settle(caseId)
  return (await cases.get(caseId))!
}
