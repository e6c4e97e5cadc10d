import { HOUR_MS, RequestError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aDecision, aPerson, createHarness, type Harness } from "@nightlight/dev-env/server/cases"
import fc from "fast-check"
import { expect, it } from "vitest"
import { watchDeadlines } from "../../../src/casework/cases/jobs/watch-deadlines.ts"
import { readDueHeads } from "../../../src/casework/cases/queue/queue-store.ts"
import { projectCase } from "../../../src/casework/cases/state/projection.ts"
import type { ItemOrigin } from "../../../src/casework/cases/types.ts"
import { readDecisions } from "../../../src/casework/review/store.ts"
import { findCaseProblem } from "../../../src/oversight/audit/compare-cases.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem, hex64 } from "../cases/builders.ts"

const db = useDatabase()
const never = new AbortController().signal

const PEOPLE = [aPerson("reviewer"), aPerson("senior-reviewer"), aPerson("reviewer"), aPerson("senior-reviewer")]
const COUNSEL = aPerson("counsel")

/** Everything that a run uses: few accounts and items, so that things meet. */
interface Stage {
  readonly harness: Harness
  readonly accounts: readonly string[]
  readonly items: readonly string[]
  readonly cases: string[]
}

type Approval = (stage: Stage) => Promise<unknown>

const person = fc.constantFrom(...PEOPLE)
const one = (cases: readonly string[], offset: number) => cases[offset % Math.max(cases.length, 1)] ?? "case-none"
const some = fc.nat({ max: 30 })
const seldom = fc.nat({ max: 9 }).map((drawn) => drawn === 0)

async function versionOf({ harness }: Stage, caseId: string): Promise<number> {
  return (await harness.cases.get(caseId))?.version ?? 1
}

const approval: fc.Arbitrary<Approval> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(some, some, fc.constantFrom("trusted", "unverified", "test"), seldom).map(attach) },
  { weight: 3, arbitrary: fc.tuple(person, some).map(claim) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        person,
        some,
        fc.constantFrom("18-usc-2252a", "18-usc-2422b", "not-violation", "policy-violation"),
        fc.boolean(),
      )
      .map(decide),
  },
  {
    weight: 1,
    arbitrary: some.map(undo),
  },
  {
    weight: 4,
    arbitrary: some.map(
      (at): Approval =>
        async (stage) => {
          stage.harness.clock.move(10_000)
          for (const caseId of at < 20 ? stage.cases : [one(stage.cases, at)]) await stage.harness.review.settle(caseId)
        },
    ),
  },
  fc.tuple(person, some).map(
    ([who, offset]): Approval =>
      (stage) =>
        stage.harness.cases.renew(who, one(stage.cases, offset)),
  ),
  fc.tuple(person, some).map(
    ([who, offset]): Approval =>
      (stage) =>
        stage.harness.cases.release(who, one(stage.cases, offset)),
  ),
  fc.tuple(person, some).map(
    ([who, offset]): Approval =>
      (stage) =>
        stage.harness.cases.flagDanger(who, one(stage.cases, offset)),
  ),
  some.map(
    (offset): Approval =>
      (stage) =>
        stage.harness.review.waiveSecondReview(COUNSEL, one(stage.cases, offset), "deadline"),
  ),
  some.map(
    (offset): Approval =>
      (stage) =>
        transact(stage.harness, "system-reports", (tx) =>
          stage.harness.cases.markFiled(tx, one(stage.cases, offset), {
            reportId: "report-1",
            at: stage.harness.clock.now(),
          }),
        ),
  ),
  fc.integer({ min: -30 * HOUR_MS, max: 30 * HOUR_MS }).map(
    (ms): Approval =>
      async (stage) => {
        stage.harness.clock.move(ms)
        await watchDeadlines(stage.harness).run({}, never)
      },
  ),
)

function attach([account, item, trust, direct]: [
  number,
  number,
  "trusted" | "unverified" | "test",
  boolean,
]): Approval {
  return async (stage) => {
    const accountKey = stage.accounts[account % stage.accounts.length]!
    const origin: ItemOrigin = direct ? { kind: "direct" } : { kind: "account", accountKey }
    const itemKey = stage.items[item % stage.items.length]!
    const { caseId, newCase } = await stage.harness.attach(anItem({ origin, itemKey, matches: [aMatch({ trust })] }))
    if (newCase) stage.cases.push(caseId)
  }
}

function undo(offset: number): Approval {
  return async (stage) => {
    const caseId = one(stage.cases, offset)
    const head = await stage.harness.cases.get(caseId)
    const decider = head?.pending && head.deciders[head.pending.stage]
    await stage.harness.review.undo(PEOPLE.find(({ id }) => id === decider) ?? PEOPLE[0]!, caseId)
  }
}

function claim([who, offset]: [(typeof PEOPLE)[number], number]): Approval {
  return async (stage) => {
    const caseId = one(stage.cases, offset)
    await stage.harness.cases.claim(who, caseId, await versionOf(stage, caseId))
  }
}

function decide([who, offset, basis, danger]: [
  (typeof PEOPLE)[number],
  number,
  "18-usc-2252a" | "18-usc-2422b" | "not-violation" | "policy-violation",
  boolean,
]): Approval {
  return async (stage) => {
    const caseId = one(stage.cases, offset)
    const holder = (await stage.harness.cases.get(caseId))?.claim?.by
    const whoever = PEOPLE.find(({ id }) => id === holder) ?? who
    const { version } = await stage.harness.cases.claim(whoever, caseId, await versionOf(stage, caseId))
    const [first] = await stage.harness.cases.items(caseId)
    const judged = { included: false, classification: undefined, category: undefined, annotations: [] }
    const caseItems = basis === "not-violation" ? [{ ...judged, itemId: first!.itemId }] : []
    await stage.harness.review.decide(
      whoever,
      caseId,
      aDecision({ version, basis, imminentDanger: danger, items: caseItems }),
    )
  }
}

it("the projection of the log equals the rows of the database after anything that people do", {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(approval, { minLength: 50, maxLength: 80, size: "max" }), async (approvals) => {
      const keys = (count: number) => Array.from({ length: count }, hex64)
      const stage: Stage = {
        harness: createHarness(db, { secondReviewSampling: 0.3 }),
        accounts: keys(2),
        items: keys(4),
        cases: [],
      }
      for (const each of approvals) {
        await each(stage).catch((error: unknown) => {
          if (!(error instanceof RequestError)) throw error
        })
      }
      for (const caseId of stage.cases) await expectProjection(stage.harness, caseId)
      expect(await findCaseProblem(db.database.kysely)).toBeUndefined()
    }),
    { numRuns: 8 },
  )
})

async function expectProjection({ cases }: Harness, caseId: string): Promise<void> {
  const { kysely } = db.database
  const projected = projectCase(caseId, await readEvents(kysely, { subject: caseId }))
  expect(projected.head).toEqual(await cases.get(caseId))
  const caseItems = await cases.items(caseId)
  expect([...projected.items.keys()]).toEqual(caseItems.map(({ itemId }) => itemId))
  const places = await kysely
    .selectFrom("item_locations")
    .select(["item_id", "finding_id"])
    .where("case_id", "=", caseId)
    .orderBy("position")
    .execute()
  for (const [itemId, caseItem] of projected.items) {
    const findings = caseItem.places.map(({ finding }) => finding)
    expect(findings).toEqual(places.filter(({ item_id }) => item_id === itemId).map(({ finding_id }) => finding_id))
    expect(findings).toHaveLength(caseItems.find((each) => each.itemId === itemId)!.locations)
  }
  const decisions = await readDecisions(kysely, caseId)
  const stored = new Map(
    decisions.map(({ decisionId, items: judged }) => [
      decisionId,
      new Map(judged.map((caseItem) => [caseItem.itemId as string, caseItem.included])),
    ]),
  )
  const authorisation = [...projected.decisions].filter(([, { isUndone }]) => !isUndone)
  const judged = authorisation.map(([id, decision]) => [
    id,
    new Map([...decision.judged].map(([caseItem, { included }]) => [caseItem, included])),
  ])
  expect(new Map(judged as never)).toEqual(stored)
}

it("one alarm is raised at each share of the time to a deadline, at once if several have passed", async () => {
  const harness = createHarness(db)
  const { caseId } = await harness.attach(anItem())
  const run = () => watchDeadlines(harness).run({}, never)
  const raised = async () =>
    (await readEvents(db.database.kysely, { subject: caseId, type: "case.deadline-neared" })).map(
      ({ data }) => data["percent"],
    )
  harness.clock.move(17 * HOUR_MS)
  await run()
  expect(await raised()).toEqual([])
  harness.clock.move(HOUR_MS)
  await run()
  await run()
  expect(await raised()).toEqual([75])
  harness.clock.move(400 * 24 * HOUR_MS)
  await run()
  harness.clock.move(-2 * 24 * HOUR_MS)
  await run()
  expect(await raised()).toEqual([75, 100])
  const due = await readDueHeads(db.database.kysely, { before: harness.clock.now(), after: undefined, limit: 1000 })
  expect(due.map((head) => head.caseId)).not.toContain(caseId)
})
