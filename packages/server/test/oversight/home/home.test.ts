import { randomBytes } from "node:crypto"
import { HOME_DUE_MAX } from "@nightlight/contract/server"
import { DAY_MS, HOUR_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, decide, settle } from "@nightlight/dev-env/server/cases"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { homeRoutes } from "../../../src/oversight/home/routes.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { aMatch, anItem } from "../../casework/cases/builders.ts"
import { testApp } from "../../support/app.ts"
import { whileHeld } from "../../support/held-row.ts"
import { type HomeInstallation, makeHome } from "./home-installation.ts"

describe("cases on the home screen", () => {
  const db = useDatabase()
  let installation: HomeInstallation
  beforeAll(async () => {
    installation = await makeHome(db)
  })

  it("are those that the caller may decide, by deadline, and not those that somebody else holds", async () => {
    const { harness, clock, of } = installation
    const lead = anItem({ matches: [aMatch({ trust: "unverified" })] })
    const waiting = await harness.attach(lead)
    const late = await harness.attach(anItem())
    clock.move(HOUR_MS)
    const later = await harness.attach(anItem())
    const held = await harness.attach(anItem())
    const reviewer = await installation.member("reviewer")
    const other = aPerson("reviewer")
    await harness.cases.claim(other, held.caseId, (await harness.cases.get(held.caseId))!.version)
    await harness.cases.claim(reviewer, later.caseId, (await harness.cases.get(later.caseId))!.version)
    const { due, waiting: totals } = await of(reviewer)
    expect(due.filter(({ kind }) => kind === "case").map(({ id, code }) => [id, code])).toEqual([
      [late.caseId, "due"],
      [later.caseId, "claimed"],
      [waiting.caseId, "waiting"],
    ])
    const { dueAt = "" } = (await harness.cases.get(late.caseId))!
    expect(due.find(({ id }) => id === late.caseId)).toMatchObject({ dueAt })
    expect(totals.cases).toEqual({
      waiting: 4,
      open: 4,
      secondReview: 0,
      resolution: 0,
      overdue: 0,
      claimedByMe: 1,
      nextDueAt: dueAt,
    })
    await harness.cases.flagDanger(other, waiting.caseId)
    expect((await of(reviewer)).due[0]).toMatchObject({ id: waiting.caseId, code: "danger" })
  })

  it("are a second review for everybody but who decided first, and a resolution for senior reviewers alone", async () => {
    const { harness, due } = installation
    const { caseId } = await harness.attach(anItem())
    const [first, second] = [await installation.member("reviewer"), await installation.member("reviewer")]
    const [senior, other] = [await installation.member("senior-reviewer"), await installation.member("reviewer")]
    await decide(harness, first, caseId, { basis: "not-violation" })
    await settle(harness, caseId)
    expect(await due(first, "second-review")).toEqual([])
    expect(await due(second, "second-review")).toMatchObject([{ id: caseId }])
    await decide(harness, second, caseId)
    await settle(harness, caseId)
    expect(await due(senior, "resolution")).toMatchObject([{ id: caseId }])
    for (const person of [first, second, other]) expect(await due(person, "resolution")).toEqual([])
  })

  it("are not listed for people whose training lapsed, and stay counted for people who may read them", async () => {
    const person = await installation.member("reviewer")
    const lapsed = await installation.of({ ...person, trainingLapsed: true })
    expect(lapsed.due.filter(({ kind }) => kind === "case")).toEqual([])
    expect(lapsed.waiting.cases?.open).toBeGreaterThan(0)
    expect(lapsed.due).toContainEqual(expect.objectContaining({ kind: "training", id: person.id, code: "missing" }))
  })

  it("are shown 50 at a time, and said to be more; imminent danger is never behind them", async () => {
    const { caseId } = await installation.harness.attach(anItem({ matches: [aMatch({ trust: "unverified" })] }))
    await installation.harness.cases.flagDanger(aPerson("reviewer"), caseId)
    for (let n = 0; n < HOME_DUE_MAX; n++) await installation.harness.attach(anItem())
    const { due, dueMore } = await installation.of(await installation.member("reviewer"))
    expect([due.length, dueMore]).toEqual([HOME_DUE_MAX, true])
    expect(due.filter(({ code }) => code === "danger").map(({ id }) => id)).toContain(caseId)
  })
})

describe("reports on the home screen", () => {
  const db = useDatabase()
  let installation: HomeInstallation
  beforeEach(async () => {
    installation ??= await makeHome(db)
  })

  it("are a case to prepare, a draft of one's own, a report to approve, in turn", async () => {
    const { due, site, preparer, approver, harness } = installation
    const caseId = await installation.reportable()
    expect(await due(preparer, "report")).toMatchObject([
      { id: caseId, code: "to-prepare", dueAt: (await harness.cases.get(caseId))!.dueAt },
    ])
    const other = await installation.member("reporter")
    const id = await site.draft(caseId)
    expect(await due(preparer, "report")).toMatchObject([{ id, code: "draft" }])
    expect(await due(other, "report")).toEqual([])
    await site.reports.withdraw(preparer, id, 1)
    const proposed = await site.propose(caseId)
    expect(await due(preparer, "report")).toEqual([])
    expect(await due(approver, "report")).toMatchObject([{ id: proposed, code: "to-approve" }])
    expect((await installation.of(approver)).waiting.reports).toEqual({
      toPrepare: 0,
      draft: 0,
      proposed: 1,
      filing: 0,
      held: 0,
    })
    await site.reports.withdraw(preparer, proposed, (await site.reports.open(proposed)).head.version)
    expect((await due(preparer, "report")).map(({ code }) => code)).toEqual(["to-prepare"])
    await site.file(caseId)
    expect((await installation.of(preparer)).due.filter(({ kind }) => kind === "report")).toEqual([])
  })

  it("are held for every preparer when filing stopped, and counted as held", async () => {
    const { due, site } = installation
    const id = await site.approve(await installation.reportable())
    await site.hold(id)
    const other = await installation.member("reporter")
    expect(await due(other, "report")).toMatchObject([{ id, code: "held" }])
    expect((await installation.of(other)).waiting.reports).toMatchObject({ held: 1, filing: 0 })
  })

  it("are reviewed within a day by somebody else when one person filed alone", async () => {
    const { due, site, preparer, clock } = installation
    const id = await site.fileAlone(await installation.reportable())
    const filedAt = clock.now().getTime()
    const counsel = await installation.member("counsel")
    expect(await due(counsel, "report")).toMatchObject([
      { id, code: "to-review-afterwards", dueAt: new Date(filedAt + DAY_MS).toISOString() },
    ])
    expect((await due(preparer, "report")).filter((item) => item.id === id)).toEqual([])
    await site.reports.reviewSinglePersonFiling(counsel, id)
    expect(await due(counsel, "report")).toEqual([])
  })

  it("are reviewed by one of two who do so at the same time", async () => {
    const { site } = installation
    const id = await site.fileAlone(await installation.reportable())
    const reviews = [await installation.member("counsel"), await installation.member("counsel")].map(
      (counsel) => () => site.reports.reviewSinglePersonFiling(counsel, id),
    )
    const outcomes = await whileHeld(db.superuser, { table: "reports", id }, reviews)
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"])
  })

  it("are not for somebody whom the preparer invited", async () => {
    const { due, site, preparer, staff } = installation
    const counsel = await installation.member("counsel")
    const id = await site.propose(await installation.reportable())
    expect((await due(counsel, "report")).map((item) => item.id)).toContain(id)
    await transact(staff, "system-test", (tx) => staff.people.recordRelation(tx, preparer.id, counsel.id, "made"))
    expect(await due(counsel, "report")).toEqual([])
  })
})

describe("everything else on the home screen", () => {
  const db = useDatabase()
  let installation: HomeInstallation
  beforeEach(async () => {
    installation ??= await makeHome(db)
  })

  it("is an approval for people who may approve it, with its end, and for nobody else", async () => {
    const { staff, clock, due } = installation
    const [asker, second] = [await installation.member("administrator"), await installation.member("administrator")]
    const reviewer = await installation.member("reviewer")
    const asked = await transact(staff, asker.id, (tx) =>
      staff.approvals.request(tx, asker, "role.grant", reviewer.id, { role: "senior-reviewer" }),
    )
    expect(await due(second, "approval")).toMatchObject([
      { id: asked.id, code: "role.grant", dueAt: new Date(clock.now().getTime() + 7 * DAY_MS).toISOString() },
    ])
    expect(await due(asker, "approval")).toEqual([])
    expect((await installation.of(asker)).waiting.approvals).toEqual({ waiting: 1, mayApprove: 0 })
    expect((await installation.of(reviewer)).waiting.approvals).toBeUndefined()
  })

  it("is an open alarm for people who may acknowledge it, counted for people who may see it", async () => {
    const { staff } = installation
    await staff.alarms.raiseNow({ code: "sign-in-failures", subject: "person-1" })
    await staff.alarms.raiseNow({ code: "sign-in-failures", subject: "person-1" })
    const [administrator, reviewer] = [
      await installation.member("administrator"),
      await installation.member("reviewer"),
    ]
    expect(await installation.due(administrator, "alarm")).toMatchObject([
      { code: "sign-in-failures", about: "person-1", count: 2 },
    ])
    const seen = await installation.of(reviewer)
    expect(seen.due.filter(({ kind }) => kind === "alarm")).toEqual([])
    expect(seen.waiting.alarms).toEqual({ open: 1 })
    expect((await installation.of(await installation.member("policy-editor"))).waiting.alarms).toBeUndefined()
  })

  it("is a request of an authority, until it is closed, without its scope", async () => {
    const { requests, clock } = installation
    const counsel = await installation.member("counsel")
    const scope = { agency: "canary-agency", officer: "An Officer", reference: "R-1", scope: "canary-scope" }
    const [receivedAt, dueAt] = [clock.now(), new Date(clock.now().getTime() + HOUR_MS)]
    const { requestId } = await requests.open(counsel, { kind: "legal-process", scope, receivedAt, dueAt })
    const view = await installation.of(counsel)
    expect(view.due.filter(({ kind }) => kind === "request")).toEqual([
      {
        kind: "request",
        id: requestId,
        code: "legal-process",
        dueAt: dueAt.toISOString(),
        sinceAt: receivedAt.toISOString(),
      },
    ])
    expect(JSON.stringify(view)).not.toContain("canary")
    clock.move(HOUR_MS)
    const auditor = await installation.of(await installation.member("auditor"))
    expect(auditor.waiting.requests).toEqual({ open: 1, overdue: 1 })
    expect(auditor.due.filter(({ kind }) => kind === "request")).toEqual([])
    await requests.close(counsel, requestId)
    expect((await installation.of(counsel)).waiting.requests).toEqual({ open: 0, overdue: 0 })
  })

  it("is a break-glass request of the host, with the time when it opens", async () => {
    const { breakGlass } = installation.staff.signIn
    const asked = await breakGlass.request(
      { kind: "administrator", name: "Somebody", email: "somebody@example.org" },
      async () => undefined,
    )
    const administrator = await installation.member("administrator")
    expect(await installation.due(administrator, "break-glass")).toEqual([
      {
        kind: "break-glass",
        id: asked.id,
        code: "administrator",
        dueAt: asked.opensAt.toISOString(),
        sinceAt: asked.requestedAt.toISOString(),
      },
    ])
    expect(await installation.due(await installation.member("auditor"), "break-glass")).toEqual([])
    await breakGlass.cancel(administrator, asked.id)
    expect(await installation.due(administrator, "break-glass")).toEqual([])
  })

  it("is a training that ends within 30 days: one's own, and everybody's for people who manage staff", async () => {
    const { staff, clock } = installation
    const [administrator, reviewer] = [
      await installation.member("administrator"),
      await installation.member("reviewer"),
    ]
    const codes = async (person: typeof reviewer) =>
      (await installation.due(person, "training")).filter(({ id }) => id === reviewer.id).map(({ code }) => code)
    expect(await codes(reviewer)).toEqual(["missing"])
    await staff.people.recordTraining(administrator, reviewer.id, clock.now())
    expect(await codes(reviewer)).toEqual([])
    clock.move(334 * DAY_MS)
    expect(await codes(reviewer)).toEqual([])
    clock.move(DAY_MS)
    expect([await codes(reviewer), await codes(administrator)]).toEqual([["renews"], ["renews"]])
    expect(await codes(await installation.member("senior-reviewer"))).toEqual([])
    clock.move(30 * DAY_MS)
    expect(await codes(reviewer)).toEqual(["lapsed"])
    expect(await codes(await installation.member("counsel"))).toEqual([])
  })

  it("is a task that a machine could not do, for administrators", async () => {
    const { tasks } = installation
    const failed = {
      name: "verify-finding",
      jobId: `job-${randomBytes(8).toString("hex")}`,
      code: "internal",
      tries: 3,
    }
    await tasks.leaveJob({ ...failed, payload: {} })
    expect(await installation.due(await installation.member("administrator"), "task")).toMatchObject([
      { code: "job-failed", about: failed.jobId },
    ])
    expect((await installation.of(await installation.member("auditor"))).waiting.tasks).toEqual({ open: 1 })
    expect((await installation.of(await installation.member("counsel"))).waiting.tasks).toBeUndefined()
  })

  it("is a list whose as-of date is older than 30 days, and no list of test cards", async () => {
    const { clock, lists } = installation
    const [administrator, counsel] = [await installation.member("administrator"), await installation.member("counsel")]
    const daysAgo = (days: number) => new Date(clock.now().getTime() - days * DAY_MS).toISOString()
    lists.current = {
      version: 1,
      lists: [
        { name: "old", trust: "trusted", asOf: daysAgo(31) },
        { name: "new", trust: "trusted", asOf: daysAgo(29) },
        { name: "undated", trust: "unverified" },
        { name: "odd", trust: "unverified", asOf: "in spring" },
        { name: "test-cards", trust: "test", asOf: daysAgo(400) },
      ],
    }
    expect(await installation.due(administrator, "list")).toMatchObject([
      { id: "old", code: "old", sinceAt: daysAgo(1) },
    ])
    expect(await installation.due(counsel, "list")).toEqual([])
  })
})

describe("GET /v1/home", () => {
  const db = useDatabase()
  let installation: HomeInstallation
  let app: Awaited<ReturnType<typeof testApp>>
  const actors = new Map<string, Awaited<ReturnType<HomeInstallation["member"]>>>()
  beforeAll(async () => {
    installation = await makeHome(db)
    app = await testApp({
      authenticate: async ({ headers }) => actors.get(String(headers["x-test-person"])),
      routes: (on) => homeRoutes(on, { home: installation.home }),
    })
  })
  afterAll(() => app.close())
  const call = async (...roles: Parameters<HomeInstallation["member"]>) => {
    const person = await installation.member(...roles)
    actors.set(person.id, person)
    const answer = await app.inject({
      url: "/v1/home",
      headers: { host: "localhost", "x-test-person": person.id },
    })
    return { status: answer.statusCode, body: answer.json() }
  }

  it("leaves out what the caller may not read: a person without a role sees nothing of the installation", async () => {
    const { status, body } = await call()
    expect([status, Object.keys(body).toSorted()]).toEqual([200, ["at", "danger", "due", "dueMore", "waiting"]])
    expect([body.danger, body.due, body.waiting]).toEqual([[], [], {}])
  })

  it("gives every role health and the commitments' counts, and each the totals of what it reads", async () => {
    const of = async (...roles: Parameters<HomeInstallation["member"]>) =>
      Object.keys((await call(...roles)).body.waiting)
    const { body } = await call("policy-editor")
    expect(body).toMatchObject({
      health: { server: "running" },
      commitments: { met: 0, partly: 0, notMet: 11, notApplicable: 0 },
    })
    expect(await of("policy-editor")).toEqual(["approvals"])
    expect(await of("reviewer")).toEqual(["cases", "alarms"])
    expect(await of("administrator")).toEqual(["approvals", "alarms", "tasks"])
    expect(await of("counsel")).toEqual(["cases", "reports", "approvals", "alarms", "requests"])
    expect(await of("auditor")).toEqual(["cases", "reports", "approvals", "alarms", "requests", "tasks"])
  })
})
