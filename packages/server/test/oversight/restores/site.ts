/**
 * A restored database, the custodian's notices beside it, and what is done again by them.
 */

import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { NoticeType } from "@nightlight/contract/custodian"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { createHarness } from "@nightlight/dev-env/server/cases"
import { exists } from "@nightlight/durable"
import type { AuditData } from "@nightlight/vault/audit"
import { createPreservationReplay } from "../../../src/filing/preservation/replay.ts"
import { createFalsePositives } from "../../../src/intake/false-positives/service.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import { createTasks } from "../../../src/oversight/operations/tasks.ts"
import { markRestored } from "../../../src/oversight/restores/mark-restored.ts"
import { createRestoreGate, readOpenRestore } from "../../../src/oversight/restores/open-restore.ts"
import { createRestoreReconcile } from "../../../src/oversight/restores/reconcile.ts"
import { createReplay } from "../../../src/oversight/restores/replay.ts"
import { createSuspended } from "../../../src/oversight/restores/suspended.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { createNoticeKeeper, lostLines } from "../../support/notice-keeper.ts"
import { found, openStaff } from "../../support/staff.ts"

/** Makes it, with two administrators. */
export async function makeSite(database: TestDatabase) {
  const { kysely: db } = database.database
  const folder = await mkdtemp(join(tmpdir(), "nl-restores-"))
  const staff = await openStaff(database.database, {
    areRolesApproved: true,
    admits: (roles) => createRestoreGate(db).admits(roles),
    isSuspended: (id) => createRestoreGate(db).isSuspended(id),
  })
  const { clock, people, keys, signIn } = staff
  const administrators = await found(staff)
  const sources = createSources({ db, clock })
  const suspended = createSuspended({ db, clock, keys, sources })
  const tasks = createTasks({ db, clock })
  const keeper = createNoticeKeeper()
  const custodian = { notices: keeper.list, unknownNotices: keeper.unknownNotices }
  /** Evidence of cases that are there by name alone. */
  const cases = new Map<string, readonly string[]>()
  const harness = createHarness(database)
  const contextKeys = openContextKeys(randomBytes(32))
  const replay = createReplay({
    people,
    keys,
    sources,
    preservation: createPreservationReplay({
      db,
      clock,
      contextKeys,
      evidence: {
        remove: async (id) => {
          const path = join(folder, id)
          const was = await exists(path)
          await rm(path, { force: true })
          return was
        },
      },
      evidenceOf: async (_, caseId) => cases.get(caseId) ?? [],
    }),
    clock,
    cases: {
      get: async (caseId, on) => (cases.has(caseId) ? ({} as never) : harness.cases.get(caseId, on)),
      flagDangerAgain: (step, caseId, by) => harness.cases.flagDangerAgain(step, caseId, by),
    },
    falsePositives: createFalsePositives({
      db,
      clock,
      digests: harness.digests,
      cases: harness.cases,
      approvals: staff.approvals,
      index: {} as never,
      decidedBases: async () => [],
      reopenSuppressed: async () => undefined,
    }),
  })
  const reconcile = createRestoreReconcile({ db, clock, custodian, tasks, replay, suspended })
  return {
    /** Where sealed evidence lies. */
    folder,
    harness,
    staff,
    administrators,
    db,
    sources,
    suspended,
    tasks,
    keeper,
    cases,
    reconcile,
    /** Restores the database: what it holds now is what the backup held. */
    restore: () => markRestored({ db, clock, people, signIn }, { id: "backup-1", madeAt: "2026-01-01T00:00:00.000Z" }),
    /** Tells the custodian of events that the restored database lacks. */
    lose: async (...events: readonly { type: NoticeType; subject: string; data?: AuditData }[]) => {
      const head = await db
        .selectFrom("events")
        .select(["seq", "hash"])
        .orderBy("seq", "desc")
        .executeTakeFirstOrThrow()
      await keeper.sendNotices(lostLines({ seq: Number(head.seq), hash: head.hash }, events))
    },
    /** Ends the restore of the test before, and what it left to do. */
    endRestore: async () => {
      if ((await readOpenRestore(db)) !== undefined) {
        await transact(staff, "system-host", async ({ record }) =>
          record({ type: "restore.closed", subject: "installation" }),
        )
      }
      keeper.notices.clear()
      await db.updateTable("sent_notices").set({ hash: null }).execute()
      for (const { id } of await tasks.open(100)) await tasks.close("person-1", id, "done")
    },
    close: () => rm(folder, { recursive: true, force: true }),
    typesSince: async (type: string) => {
      const events = await readEvents(db, {})
      return events.slice(events.findLastIndex((event) => event.type === type)).map((event) => event.type)
    },
  }
}

export type Site = Awaited<ReturnType<typeof makeSite>>
