import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { expect, it } from "vitest"
import { launch } from "../../src/postgres/launch.ts"
import { useInstallation } from "../support/backups.ts"

const installation = useInstallation()
const CANARY = "canary-8f2a61d0c4"

it("a backup that is stopped between two files is not a backup, and its folder can be used for the next one", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  const stopping = new AbortController()
  const onFile = (files: number) => {
    if (files === 3) stopping.abort()
  }
  await expect(installation.backUp(dataDir, folder, [], { signal: stopping.signal, onFile })).rejects.toMatchObject({
    name: "AbortError",
  })
  expect(await readdir(folder)).not.toContain("backup.json")
  expect(await installation.backUp(dataDir, folder)).toMatchObject({ id: expect.stringMatching(/^backup-/) })
})

it("a restore brings rows back and moves the old database aside, and a backup alone reveals nothing", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await installation.dataDir()
  const folder = await installation.folder()
  const insert = `INSERT INTO operations (name, since, by) VALUES ('${CANARY}', now(), 'test')`
  const made = await installation.backUp(dataDir, folder, [insert, "CHECKPOINT"])
  expect((await readdir(folder)).sort()).toEqual(["backup.json", "contents.age", "data.age"])
  for (const name of await readdir(folder)) {
    const text = (await readFile(join(folder, name))).toString("latin1")
    for (const word of [CANARY, "nightlight_owner", "SCRAM-SHA-256", "base/1", "PG_VERSION"])
      expect(text).not.toContain(word)
  }
  const passwords = await readFile(join(dataDir, "postgres", "roles.json"), "utf8")

  const { movedTo, manifest } = await installation.restore(folder, dataDir)
  expect(manifest.id).toBe(made.id)
  expect(movedTo).toContain("postgres-before-")
  // A backup contains no password, so the restored roles have new ones.
  expect(await readFile(join(dataDir, "postgres", "roles.json"), "utf8")).not.toBe(passwords)
  const server = await launch({ dataDir: join(dataDir, "postgres") })
  const rows = await queryAs(server.app, `SELECT by FROM operations WHERE name = '${CANARY}'`)
  await server.stop()
  expect(rows).toEqual([{ by: "test" }])
  expect((await readdir(dataDir)).filter((name) => name.startsWith("restor"))).toEqual([])
})
