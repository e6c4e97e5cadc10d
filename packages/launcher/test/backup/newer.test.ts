import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { generateIdentity } from "@nightlight/vault"
import { afterAll, expect, it } from "vitest"
import { findNewerBackup } from "../../src/backup/newer.ts"
import { forgeBackup, ownKey, ownTrust, strangersKey } from "../support/backups.ts"

const home = await mkdtemp(join(tmpdir(), "nl-newer-"))
afterAll(() => rm(home, { recursive: true, force: true }))

it("the newest backup of the same key is found if it is newer than the restored one, and backups of other keys are ignored", async () => {
  const key = await ownKey(home)
  const trust = await ownTrust(home)
  const identity = await generateIdentity()
  const [beside, scheduled] = [join(home, "beside"), join(home, "scheduled")]
  for (const folder of [beside, scheduled]) await mkdir(folder)
  const make = (folder: string, at: string, by = key) => forgeBackup(folder, by, identity, [], new Date(at))
  await make(join(beside, "monday"), "2026-03-02T00:00:00.000Z")
  await writeFile(join(beside, "note.txt"), "no backup")
  const than = { id: "backup-11111111-1111-4111-8111-111111111111", madeAt: "2026-03-02T00:00:00.000Z" }
  const find = () => findNewerBackup([beside, scheduled, join(home, "nowhere")], than, trust)
  expect(await find()).toBeUndefined()

  await make(join(beside, "forged"), "2099-01-01T00:00:00.000Z", strangersKey())
  await make(join(scheduled, ".partial-20260309T000000Z"), "2026-03-09T00:00:00.000Z")
  expect(await find()).toBeUndefined()
  await make(join(beside, "tuesday"), "2026-03-03T00:00:00.000Z")
  expect(await find()).toMatchObject({ folder: join(beside, "tuesday") })
  await make(join(scheduled, "backup-20260304T000000Z"), "2026-03-04T00:00:00.000Z")
  expect(await find()).toMatchObject({
    folder: join(scheduled, "backup-20260304T000000Z"),
    madeAt: new Date("2026-03-04T00:00:00.000Z"),
  })
})
