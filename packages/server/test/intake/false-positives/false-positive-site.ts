/** Intake over real lists, with the services by which people decide cases and settle false positives. */
import { compact } from "@nightlight/core"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide } from "@nightlight/dev-env/server/cases"
import { asKey, makeInstallation } from "@nightlight/dev-env/server/intake"
import { type FindingOverrides, makeIntakeSite, makePusher } from "@nightlight/dev-env/server/intake-site"
import { UNDO_MS } from "../../../src/casework/review/decide.ts"
import { createReview, readDecidedBases } from "../../../src/casework/review/service.ts"
import { falsePositiveApproval } from "../../../src/intake/false-positives/approval.ts"
import { falsePositiveRoutes } from "../../../src/intake/false-positives/routes.ts"
import { createFalsePositives } from "../../../src/intake/false-positives/service.ts"
import { createEntryWatch } from "../../../src/intake/lists/entries.ts"
import { readLists } from "../../../src/intake/lists/overview.ts"
import { listRoutes } from "../../../src/intake/lists/routes.ts"
import type { PersonActor, Role } from "../../../src/platform/auth/actor.ts"
import type { Basis } from "../../../src/platform/db/tables/casework.ts"
import { approvalRoutes } from "../../../src/staff/approvals/routes.ts"
import { createApprovals } from "../../../src/staff/approvals/service.ts"
import { createPeople } from "../../../src/staff/people/service.ts"
import { testApp } from "../../support/app.ts"
import { unsignedApprovals } from "../../support/custody.ts"
import { putOnStaff } from "../../support/staff-rows.ts"

/** Makes it. */
export async function openFalsePositiveSite(db: TestDatabase) {
  const site = await makeIntakeSite()
  const installation = await makeInstallation(site, db)
  const pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  const { source, key } = await installation.enrol(pusher)
  const { deps, cases, index, alarms, actors } = installation
  const { kysely } = db.database
  const review = createReview({
    ...createHarness(db).casesDeps,
    ...deps,
    alarms,
    decided: [],
    jobs: { enqueue: async () => undefined },
    config: { secondReviewSampling: 0 },
  })
  const approvals = createApprovals({ ...deps, people: createPeople(deps), signing: unsignedApprovals() })
  approvals.register(falsePositiveApproval(deps))
  const falsePositives = createFalsePositives({
    ...deps,
    index,
    cases,
    approvals,
    decidedBases: (caseId, person) => readDecidedBases(kysely, caseId, person),
    reopenSuppressed: (tx) => installation.intake.reopenSuppressed(tx),
  })
  const entries = createEntryWatch(deps)
  const lists = () =>
    readLists({
      ...deps,
      index,
      outcomes: () => cases.listOutcomes(),
      broadByList: () => entries.broadByList(),
      falsePositives: () => falsePositives.counts(),
    })
  const app = await testApp({
    routes: (to) => {
      falsePositiveRoutes(to, { falsePositives })
      listRoutes(to, { lists })
      approvalRoutes(to, { approvals })
    },
    authenticate: async ({ headers }) => actors.get((headers.authorization ?? "").replace("Bearer ", "")),
  })

  async function call(method: "GET" | "POST", person: PersonActor, url: string, payload?: object) {
    actors.set(person.id, person)
    const answer = await app.inject(
      compact({
        method,
        url,
        headers: asKey(person.id),
        payload: payload || undefined,
      }),
    )
    return { status: answer.statusCode, body: answer.json() }
  }

  return {
    site,
    installation,
    falsePositives,
    entries,
    cases,
    source,
    key,
    app,
    /** Somebody on the staff who has just proven themselves. */
    addMember: async (...roles: Role[]): Promise<PersonActor> => {
      const person = { ...aPerson(...roles), steppedUpUntil: new Date(site.clock.now().getTime() + 600_000) }
      await putOnStaff(kysely, { id: person.id, roles, at: site.clock.now() })
      return person
    },
    get: (person: PersonActor, url: string) => call("GET", person, url),
    post: (person: PersonActor, url: string, body: object = {}) => call("POST", person, url, body),
    /** Pushes an item with its sealed file and lets the worker run; what became of it. */
    bring: async (choices: FindingOverrides) => {
      const { finding, row, ciphertext } = await pusher.seal(choices)
      await installation.push(key, pusher.line(source, finding))
      await installation.upload(key, row.evidenceId, ciphertext)
      await installation.work()
      const received = (await installation.rows()).find(({ finding_id }) => finding_id === finding.id)
      if (received === undefined) throw new Error("expected a row of the finding")
      return { findingId: finding.id, state: received.state, code: received.code, ...authorisation(received) }
    },
    stateOf: async (findingId: string) =>
      (await installation.rows()).find(({ finding_id }) => finding_id === findingId)?.state,
    judge: async (person: PersonActor, caseId: string, basis: Basis) => {
      await decide({ cases, review }, person, caseId, { basis })
      site.clock.move(UNDO_MS)
      await review.settle(caseId)
    },
    close: async () => {
      await app.close()
      await installation.close()
      await pusher[Symbol.asyncDispose]()
      await site[Symbol.asyncDispose]()
    },
  }
}

function authorisation({ case_id, item_id }: { readonly case_id: string | null; readonly item_id: string | null }) {
  return { caseId: case_id ?? "", itemId: item_id ?? "" }
}

export type FalsePositiveSite = Awaited<ReturnType<typeof openFalsePositiveSite>>
