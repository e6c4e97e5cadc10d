/**
 * The home screen over real services on a real database; the parts that are other processes stand still.
 */
import { HomeView } from "@nightlight/contract/server"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness, decide, settle } from "@nightlight/dev-env/server/cases"
import { createPreservation } from "../../../src/filing/preservation/service.ts"
import { createReportWorklist } from "../../../src/filing/reports/worklist/worklist.ts"
import { createRequests } from "../../../src/filing/requests/service.ts"
import { createCommitments } from "../../../src/oversight/commitments/service.ts"
import { createHome } from "../../../src/oversight/home/service.ts"
import type { HomePorts, PartsHealth } from "../../../src/oversight/home/types.ts"
import { createTasks } from "../../../src/oversight/operations/tasks.ts"
import type { PersonActor, Role } from "../../../src/platform/auth/actor.ts"
import { anItem } from "../../casework/cases/builders.ts"
import { openKeeper, sealedByName } from "../../support/custody.ts"
import { openReportEnvironment } from "../../support/report-environment.ts"
import { addMember, openStaff } from "../../support/staff.ts"
import { someConditions } from "../commitments/conditions.ts"

const HEALTH: PartsHealth = {
  server: "running",
  database: "ready",
  worker: { state: "running" },
  custodian: "ready",
  custody: "separated",
  decoding: {
    server: { isolation: "bwrap+seccomp", state: "isolated" },
    custodian: { isolation: "unshare", state: "isolated" },
  },
  lists: { state: "live", version: 3 },
  guards: { state: "none" },
  pager: { state: "set" },
  filing: { environment: "test", paused: false },
  log: { unsigned: 0 },
  checkpointCopies: [],
  backup: { state: "unknown" },
  restore: { open: false },
}

export async function makeHome(db: TestDatabase) {
  const harness = createHarness(db, { secondReviewSampling: 0 })
  const { clock, cases, contextKeys } = harness
  const staff = await openStaff(db.database, { clock })
  const deps = { db: harness.db, clock, contextKeys }
  const tasks = createTasks(deps)
  const preservation = createPreservation({
    ...deps,
    evidenceOf: (on, caseId) => cases.evidenceOf(on, caseId),
    evidenceOfAlone: (on, caseId) => cases.evidenceOfAlone(on, caseId),
  })
  const requests = createRequests({
    ...deps,
    preservation,
    custodian: openKeeper().keeper,
    sealedOf: sealedByName,
    custodyOf: async () => Promise.reject(new Error("unused")),
  })
  const member = async (...roles: Role[]): Promise<PersonActor> => {
    const member = await addMember(staff, ...roles)
    return member.actor()
  }
  const [preparer, approver] = [await member("reporter"), await member("counsel")]
  const site = await openReportEnvironment(harness, "production", { preparer, approver })
  const lists: { current: Awaited<ReturnType<HomePorts["lists"]>> } = { current: undefined }
  const home = createHome({
    clock,
    cases,
    requests,
    tasks,
    approvals: staff.approvals,
    alarms: staff.alarms,
    people: staff.people,
    breakGlass: staff.signIn.breakGlass,
    commitments: createCommitments({ ...deps, conditions: someConditions({ "guards-report": { holds: false } }) }),
    lists: async () => lists.current,
    health: async () => HEALTH,
    onCall: { isSet: true, contact: undefined },
    setup: async () => undefined,
    reports: createReportWorklist({
      db: harness.db,
      environment: "production",
      areIndependent: (on, first, second) => staff.people.areIndependent(first, second, on),
      unfiled: (limit) => cases.unfiled(limit),
    }),
  })
  return {
    harness,
    staff,
    clock,
    home,
    site,
    tasks,
    requests,
    lists,
    member,
    preparer,
    approver,
    /** The home screen of somebody, as the contract has it. */
    of: async (person: PersonActor) => HomeView.parse(await home.of(person)),
    /** Entries of one kind that need somebody. */
    due: async (person: PersonActor, kind: HomeView["due"][number]["kind"]) =>
      (await home.of(person)).due.filter((item) => item.kind === kind),
    /** A case that was decided as reportable. */
    reportable: async (): Promise<string> => {
      const { caseId } = await harness.attach(anItem())
      await decide(harness, aPerson("reviewer"), caseId)
      await settle(harness, caseId)
      return caseId
    },
  }
}

export type HomeInstallation = Awaited<ReturnType<typeof makeHome>>
