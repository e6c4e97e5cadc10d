import { randomBytes } from "node:crypto"
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { createSigningKey, openVerifier, publicKeyPath } from "@nightlight/vault"
import { afterAll, describe, expect, it } from "vitest"
import { createActs } from "../../src/acts/service.ts"
import { createAlarms } from "../../src/alarms/service.ts"
import { createCases } from "../../src/cases/service.ts"
import { openContextKeys } from "../../src/context-keys/context-keys.ts"
import { migrate } from "../../src/db/migrate.ts"
import { MIGRATIONS_DIR } from "../../src/db/migration-files.ts"
import type { Tables } from "../../src/db/tables.ts"
import { appendEvents } from "../../src/events/append.ts"
import { readEvents } from "../../src/events/read.ts"
import { verifyLog } from "../../src/events/verify.ts"
import { createPagerCalls } from "../../src/pager/calls.ts"
import { createPager } from "../../src/pager/pager.ts"
import { createPeople } from "../../src/people/service.ts"
import { sealedReports } from "../../src/reports/sealed.ts"
import { readReport } from "../../src/reports/store.ts"
import type { ReportContent, ReportId } from "../../src/reports/types.ts"
import { createSources } from "../../src/sources/service.ts"
import { movingClock } from "../support/clock.ts"
import { createDatabase } from "../support/postgres.ts"

const home = await mkdtemp(join(tmpdir(), "nightlight-upgrade-"))
afterAll(() => rm(home, { recursive: true, force: true }))
await createSigningKey(join(home, "key.pem"))

type Made = Awaited<ReturnType<typeof createDatabase<Tables>>>

const CONTENT = { document: { note: "canary-report" }, files: [], origins: {} } as unknown as ReportContent
const CASE = "case-00000000-0000-4000-8000-000000000001"
const REPORT = "report-00000000-0000-4000-8000-000000000001" as ReportId
const KEYS = openContextKeys(randomBytes(32))
const PERSON = "person-00000000-0000-4000-8000-000000000001"
const AT = "2026-01-02T03:04:05.000Z"

/** What stood in the tables that a migration made, as the code of its day wrote it: columns that came later are not there. */
const FIXTURES: Readonly<Record<string, (made: Made) => Promise<void>>> = {
  "0001": async ({ database }) => {
    const events = [{ type: "case.claimed", subject: CASE, data: { by: PERSON } }]
    await database.kysely
      .transaction()
      .execute((trx) => appendEvents(trx, { actor: PERSON, clock: systemClock, events }))
  },
  "0002": async ({ database }) => {
    await database.kysely.transaction().execute((trx) => KEYS.seal(trx, CASE, "probe", "canary-sealed"))
  },
  "0004": async (made) => {
    await sql(
      made,
      "INSERT INTO people (id, name, email, made_at, made_by) VALUES ($1, 'Ada', 'ada@example.org', $2, 'system-setup')",
      PERSON,
      AT,
    )
    await sql(
      made,
      "INSERT INTO person_roles (person_id, role, granted_at, asked_by, seconded_by) VALUES ($1, 'counsel', $2, 'system-setup', 'system-setup')",
      PERSON,
      AT,
    )
  },
  "0005": async (made) => {
    await sql(
      made,
      "INSERT INTO acts (id, kind, subject, payload, state, asked_by, asked_at, expires_at) VALUES ('act-1', 'role.grant', $1, '{}', 'waiting', $1, $2, '2999-01-01')",
      PERSON,
      AT,
    )
  },
  "0007": async (made) => {
    await sql(
      made,
      `INSERT INTO cases (case_id, kind, source, group_key, state, version, opened_at, strength, finds, locations,
        known_finds, lists, categories, danger, clock_running, alarmed, band, sort_at)
      VALUES ($1, 'dataset', 'source-1', 'group', 'open', 3, $2, 'exact', 1, 1, 0, '{known}', '{a1}', false, false, 0, 1, $2)`,
      CASE,
      AT,
    )
    await sql(
      made,
      `INSERT INTO finds (find_id, case_id, position, item_key, strength, media_type, size_bytes, digests, verdict,
        rule, matches, locations, attached_at)
      VALUES ('find-1', $1, 0, 'item', 'exact', 'image/png', 9, 'verified', 'quarantine', 'trusted-exact', '[]', 1, $2)`,
      CASE,
      AT,
    )
  },
  "0009": async (made) => {
    const content = await made.database.kysely
      .transaction()
      .execute((trx) => sealedReports(KEYS).sealContent(trx, { id: REPORT, caseId: CASE }, CONTENT))
    await sql(
      made,
      `INSERT INTO reports (id, case_id, kind, environment, state, content, prepared_by, created_at)
      VALUES ($1, $2, 'training-data', 'production', 'draft', decode($4, 'hex'), $5, $3)`,
      REPORT,
      CASE,
      AT,
      content.toString("hex"),
      PERSON,
    )
  },
}

function sql({ database }: Made, text: string, ...values: readonly string[]) {
  return database.pool.query(text, [...values])
}

/** The code of today reads what was written at each step of the way. */
const READS: Readonly<Record<string, (made: Made) => Promise<void>>> = {
  "0001": async ({ database }) => {
    expect(await readEvents(database.kysely, { subject: CASE })).toMatchObject([{ type: "case.claimed" }])
    const verifier = await openVerifier(publicKeyPath(join(home, "key.pem")))
    expect(await verifyLog(database.kysely, { verifier, checkpoints: [] })).toMatchObject({ ok: true })
  },
  "0002": async ({ database }) => {
    const sealed = await database.kysely.transaction().execute((trx) => KEYS.seal(trx, CASE, "probe", "again"))
    expect(await KEYS.open(database.kysely, CASE, "probe", sealed)).toBe("again")
  },
  "0004": async ({ database }) => {
    const people = createPeople({ db: database.kysely, clock: systemClock })
    expect(await people.get(PERSON)).toMatchObject({ name: "Ada", roles: [{ role: "counsel" }] })
  },
  "0005": async ({ database }) => {
    const people = createPeople({ db: database.kysely, clock: systemClock })
    const acts = createActs({ db: database.kysely, clock: movingClock("2998-12-31T00:00:00.000Z"), people })
    const auditor = { kind: "person", id: PERSON, roles: new Set(["auditor"]), session: "s", steppedUpUntil: undefined }
    expect(await acts.list(auditor as never, "waiting")).toMatchObject([{ act: { id: "act-1", kind: "role.grant" } }])
  },
  "0007": async ({ database }) => {
    const deps = { db: database.kysely, clock: systemClock, contextKeys: KEYS }
    const alarms = createAlarms(deps)
    const cases = createCases({
      ...{ ...deps, alarms, training: { isTrained: async () => true } },
      pager: createPager({
        jobs: { enqueue: async () => undefined },
        calls: createPagerCalls({ ...deps, alarms }),
        config: {},
      }),
    })
    expect(await cases.get(CASE)).toMatchObject({ kind: "dataset", state: "open", lists: ["known"] })
    expect(await cases.finds(CASE)).toMatchObject([{ findId: "find-1", digests: "verified" }])
    const { heads } = await cases.list({}, { after: undefined, limit: 10 })
    expect(heads.map(({ caseId }) => caseId)).toEqual([CASE])
    expect(await createSources(deps).list()).toEqual([])
  },
  "0009": async ({ database }) => {
    const report = await readReport(database.kysely, REPORT)
    expect(report).toMatchObject({ state: "draft", caseId: CASE, standingId: undefined, version: 1 })
    const opened = await sealedReports(KEYS).openContent(database.kysely, report!, report!.content)
    expect(opened).toEqual(CONTENT)
  },
}

describe("an upgrade with data in every table of its day", () => {
  it("is read by the newest code, whichever step the data was written at", { timeout: 120_000 }, async () => {
    const made = await createDatabase<Tables>({ migrated: false })
    try {
      const files = (await readdir(MIGRATIONS_DIR)).filter((name) => name.endsWith(".sql")).toSorted()
      const dir = await mkdtemp(join(home, "migrations-"))
      const written: string[] = []
      for (const file of files) {
        await copyFile(join(MIGRATIONS_DIR, file), join(dir, file))
        await migrate(made.owner as never, { dir })
        const number = file.slice(0, 4)
        const fixture = FIXTURES[number]
        if (fixture === undefined) continue
        await fixture(made)
        written.push(number)
      }
      expect(written).toEqual(Object.keys(READS).toSorted())
      for (const number of written) await READS[number]?.(made)
    } finally {
      await made.drop()
    }
  })
})
