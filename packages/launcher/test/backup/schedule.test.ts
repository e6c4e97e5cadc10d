import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { generateIdentity } from "@nightlight/vault"
import { afterAll, expect, it } from "vitest"
import type { BackupManifest } from "../../src/backup/format.ts"
import { backUpIfDue, listBackups } from "../../src/backup/schedule.ts"
import { forgeBackup, ownKey, ownTrust, strangersKey } from "../support/backups.ts"

const home = await mkdtemp(join(tmpdir(), "nl-schedule-"))
afterAll(() => rm(home, { recursive: true, force: true }))

it("a scheduled backup is made when the newest is old enough, old ones are removed, and a failed attempt leaves nothing", async () => {
  const to = join(home, "backups")
  const key = await ownKey(home)
  const trust = await ownTrust(home)
  const clock = movingClock()
  const identity = await generateIdentity()
  const make = async (folder: string) => {
    await forgeBackup(folder, key, identity, [], clock.now())
    return {} as BackupManifest
  }
  const due = (making = make) => backUpIfDue({ to, everyHours: 6, keep: 2, trust, clock, make: making })
  expect(await due()).toBeDefined()
  clock.move(5 * 3_600_000)
  expect(await due()).toBeUndefined()
  // A killed attempt, and a newer folder signed by another key.
  await mkdir(join(to, ".partial-20260101T000000Z"))
  await writeFile(join(to, ".partial-20260101T000000Z", "data.age"), "half")
  await forgeBackup(join(to, "backup-20991231T000000Z"), strangersKey(), identity, [], new Date("2099-12-31"))
  clock.move(2 * 3_600_000)
  const full = async (folder: string) => {
    await mkdir(folder)
    await writeFile(join(folder, "data.age"), "half")
    throw Object.assign(new Error("full"), { code: "ENOSPC" })
  }
  await expect(due(full)).rejects.toThrow("full")
  expect((await readdir(to)).filter((name) => name.startsWith("."))).toEqual([])
  for (let made = 0; made < 3; made++) {
    expect(await due()).toBeDefined()
    clock.move(7 * 3_600_000)
  }
  expect(await listBackups(to, trust)).toHaveLength(2)
  expect(await readdir(to)).toContain("backup-20991231T000000Z")
})
