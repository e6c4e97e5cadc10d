import { open, readdir } from "node:fs/promises"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { expect, it } from "vitest"
import { assertFreeSpace } from "../../src/backup/free-space.ts"
import { forgeBackup, ownKey, useInstallation } from "../support/backups.ts"

const installation = useInstallation()
/** More than any disk has, and less than the maximum size of a file. */
const HUGE_BYTES = 2 ** 43

it("too little free space is reported with the needed and free bytes, and enough space is accepted", async () => {
  const folder = await installation.dataDir()
  await expect(assertFreeSpace(folder, 0)).resolves.toBeUndefined()
  await expect(assertFreeSpace(folder, HUGE_BYTES)).rejects.toMatchObject({
    code: "disk_full",
    hint: expect.stringContaining("Nothing was written"),
    details: { neededBytes: expect.any(Number), freeBytes: expect.any(Number) },
  })
})

it("a backup that would not fit writes no file, and the same folder works once there is space", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  const cluster = join(dataDir, "postgres", "cluster")
  // A sparse file, large by its size but not on disk.
  const large = await open(join(cluster, "base", "1", "999999"), "wx", 0o600)
  await large.truncate(HUGE_BYTES)
  await expect(installation.backUp(dataDir, folder)).rejects.toMatchObject({ code: "disk_full" })
  expect(await readdir(folder)).toEqual([])
  await large.truncate(0)
  await large.close()
  await installation.backUp(dataDir, folder)
  expect((await readdir(folder)).sort()).toEqual(["backup.json", "contents.age", "data.age"])
})

it("a backup that would not fit when unpacked is not restored, and nothing is written", async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  const before = await readdir(dataDir)
  const files = [
    { path: "cluster/PG_VERSION", text: "18" },
    { path: "cluster/global/pg_control", text: "x" },
    { path: "cluster/backup_label", text: "x" },
    { path: "evidence.ndjson", text: "" },
    { path: "cluster/base/1/1", text: "x", sizeBytes: HUGE_BYTES },
  ]
  await forgeBackup(folder, await ownKey(dataDir), await installation.identity(), files)
  await expect(installation.restore(folder, dataDir)).rejects.toMatchObject({ code: "disk_full" })
  expect((await readdir(dataDir)).sort()).toEqual([...before, "keys"].sort())
})
