import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { queryAs } from "@nightlight/dev-env/database/query-as"
import { expect, it } from "vitest"
import { layoutOf } from "../../src/postgres/layout.ts"
import { startPostgres } from "../../src/postgres/start.ts"
import { running, useDataDirs } from "../support/data-dirs.ts"

const dirs = useDataDirs()

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

it("keeps rows over a stop and a start, on a folder with any name", async () => {
  const dataDir = await dirs.fresh(`it's a "folder", with \\ and é`)
  const first = await startPostgres({ dataDir })
  await queryAs(first.owner, "CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('still here')")
  await first.stop()
  expect(await first.exited).toEqual({ code: 0, signal: null })

  const again = await startPostgres({ dataDir })
  expect(again.leftover).toBe("none")
  expect(await queryAs(again.owner, "SELECT word FROM kept")).toEqual([{ word: "still here" }])
  await again.stop()
})

it("makes a cluster that is safe against power cuts, with page checksums, UTF-8 and the C locale", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const server = await startPostgres({ dataDir: await dirs.prepared("safe") })
  const names = ["fsync", "full_page_writes", "synchronous_commit", "data_checksums", "server_encoding", "wal_level"]
  const rows = await queryAs<{ name: string; setting: string }>(
    server.superuser,
    `SELECT name, setting FROM pg_settings WHERE name = ANY ('{${names.join(",")}}')`,
  )
  expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    data_checksums: "on",
    server_encoding: "UTF8",
    wal_level: "replica",
  })
  expect(await queryAs(server.owner, "SELECT datcollate FROM pg_database WHERE datname = current_database()")).toEqual([
    { datcollate: "C" },
  ])
  await server.stop()
})

it("listens only in a private folder, and refuses connections without the password", async () => {
  const dataDir = await dirs.prepared("private")
  await using server = await running(dataDir)
  const layout = layoutOf(dataDir)
  expect(await queryAs(server.app, "SHOW listen_addresses")).toEqual([{ listen_addresses: "" }])
  for (const dir of [layout.root, layout.cluster, layout.run]) expect(await modeOf(dir)).toBe("700")
  for (const file of [layout.secrets, layout.log]) expect(await modeOf(file)).toBe("600")
  for (const user of ["postgres", "nightlight_owner", "nightlight_app"]) {
    await expect(queryAs({ ...server.app, user, password: "guess" }, "SELECT")).rejects.toMatchObject({ code: "28P01" })
  }
  const stored = await queryAs<{ rolpassword: string }>(
    server.superuser,
    "SELECT rolpassword FROM pg_authid WHERE rolcanlogin",
  )
  expect(stored).toHaveLength(3)
  for (const { rolpassword } of stored) expect(rolpassword).toMatch(/^SCRAM-SHA-256\$/)
})

it("dumps no memory when it crashes", async () => {
  await using server = await running(await dirs.prepared("cores"))
  expect(await readFile(`/proc/${server.pid}/limits`, "utf8")).toMatch(/^Max core file size +0 +0 /m)
  // A piped core pattern ignores the limit, but the filter excludes all memory.
  expect((await readFile(`/proc/${server.pid}/coredump_filter`, "utf8")).trim()).toBe("00000000")
})

it("can be backed up while it runs, with a slot that keeps the log", async () => {
  await using server = await running(await dirs.prepared("backup"))
  const rows = await queryAs<{ labelfile: string }>(
    server.superuser,
    "SELECT pg_create_physical_replication_slot('backup', true)",
    "SELECT pg_backup_start('backup', true)",
    "SELECT labelfile FROM pg_backup_stop(false)",
  )
  expect(rows[0]?.labelfile).toContain("START WAL LOCATION")
})

it("puts the socket into a short private folder if the data folder's path is too long", async () => {
  const dataDir = await dirs.prepared(join("long".repeat(20), "path".repeat(10)))
  const server = await startPostgres({ dataDir })
  const socketDir = String(server.app.host)
  expect(socketDir).toMatch(/^\/tmp\/nightlight-pg-\w{6}$/)
  expect(await modeOf(socketDir)).toBe("700")
  expect(await queryAs(server.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
  await server.stop()
  await expect(stat(socketDir)).rejects.toMatchObject({ code: "ENOENT" })
})

it("accepts a run folder, and refuses one whose path is too long", async () => {
  const dataDir = await dirs.prepared("run-folder")
  const runDir = join(dataDir, "elsewhere")
  const server = await startPostgres({ dataDir, runDir })
  expect(server.app.host).toBe(runDir)
  await server.stop()
  await expect(startPostgres({ dataDir, runDir: join(dataDir, "x".repeat(100)) })).rejects.toMatchObject({
    code: "config_invalid",
  })
})

it("reports that the passwords of an existing database are gone", async () => {
  const dataDir = await dirs.prepared("no-passwords")
  await rm(layoutOf(dataDir).secrets)
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({ code: "key_unusable" })
  expect(await readdir(dataDir)).not.toContain("roles.json")
})

it("points to its log when the server does not come up, and leaves the folder free", async () => {
  const dataDir = await dirs.prepared("broken")
  const control = join(layoutOf(dataDir).cluster, "global", "pg_control")
  await rename(control, `${control}.away`)
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({
    code: "unavailable",
    hint: expect.stringContaining(layoutOf(dataDir).log),
  })
  await rename(`${control}.away`, control)
  const server = await startPostgres({ dataDir })
  await server.stop()
})

it("says which version made a database that this one cannot read", async () => {
  const dataDir = await dirs.prepared("older")
  await writeFile(join(layoutOf(dataDir).cluster, "PG_VERSION"), "17\n")
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({
    code: "state_conflict",
    details: { database: "17", installed: "18" },
  })
})
