import { randomBytes } from "node:crypto"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { expect, it } from "vitest"
import { createAuthorities } from "../../../src/filing/authorities/service.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"

const db = useDatabase()
const now = new Date("2026-03-01T12:00:00.000Z")
const reporter = aPerson("reporter")

function service() {
  return createAuthorities({
    db: db.database.kysely,
    clock: { now: () => now },
    contextKeys: openContextKeys(randomBytes(32)),
    manual: [{ id: "hotline", name: "A hotline", filing: "manual", page: undefined }],
  })
}

it("lists NCMEC first, then the authorities that people report to manually", () => {
  expect(service().list()).toMatchObject([
    { id: "ncmec", filing: "built" },
    { id: "hotline", filing: "manual" },
  ])
})

it("records a referral manually, with the authority's reference sealed", async () => {
  const authorities = service()
  await authorities.refer(reporter, "case-1", { authority: "hotline", reference: "canary-reference" })
  expect(await authorities.of("case-1")).toMatchObject([{ authority: "hotline", madeBy: reporter.id, madeAt: now }])
  const rows = await db.database.kysely.selectFrom("referrals").selectAll().execute()
  const log = await readEvents(db.database.kysely, { subject: "case-1" })
  expect(log.map(({ type }) => type)).toEqual(["case.referred"])
  expect(JSON.stringify([rows.map(({ reference }) => reference.toString("latin1")), log])).not.toContain("canary")
})

it("refuses an authority that the server files with itself, and one that is not configured", async () => {
  for (const authority of ["ncmec", "nobody"]) {
    const asked = service().refer(reporter, "case-1", { authority, reference: "x" })
    await expect(asked).rejects.toMatchObject({ code: "input_invalid" })
  }
})
