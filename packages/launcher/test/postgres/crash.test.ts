import { type ChildProcess, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { readdir, readFile, utimes, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { MINUTE_MS } from "@nightlight/core"
import { queryAs, SOON } from "@nightlight/dev-env/database/query-as"
import { Client } from "pg"
import { afterEach, expect, it } from "vitest"
import { layoutOf } from "../../src/postgres/layout.ts"
import { stopLeftovers } from "../../src/postgres/leftovers.ts"
import { serverProcesses } from "../../src/postgres/processes.ts"
import { exitOf } from "../../src/postgres/run.ts"
import { startPostgres } from "../../src/postgres/start.ts"
import { stopServer } from "../../src/postgres/stop.ts"
import { running, start, useDataDirs } from "../support/data-dirs.ts"

const dirs = useDataDirs()
const LAUNCHER = fileURLToPath(new URL("../support/launcher-child.ts", import.meta.url))

const children: ChildProcess[] = []
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL")
})

interface Told {
  readonly pid?: number
  readonly found?: string
  readonly code?: string
}

/** Starts a server in another process, and returns its message. */
async function launchElsewhere(dataDir: string): Promise<{ readonly child: ChildProcess; readonly told: Told }> {
  const child = fork(LAUNCHER, [dataDir], { execArgv: ["-C", "@nightlight/source"] })
  children.push(child)
  const [told] = (await once(child, "message")) as [Told]
  return { child, told }
}

const COMMITTED = ["CREATE TABLE kept (word text)", "INSERT INTO kept VALUES ('committed')"]

/** Halts a process; resolves when it is stopped, because a signal sent earlier could overtake. */
async function halt(pid: number): Promise<void> {
  process.kill(pid, "SIGSTOP")
  await expect.poll(() => readFile(`/proc/${pid}/stat`, "latin1"), SOON).toMatch(/\) T /)
}

it("recovers what was committed after its main process was killed", { timeout: 3 * MINUTE_MS }, async () => {
  const dataDir = await dirs.prepared("killed")
  const first = await start(dataDir)
  await queryAs(first.owner, ...COMMITTED)
  process.kill(first.pid, "SIGKILL")
  expect(await first.exited).toEqual({ code: null, signal: "SIGKILL" })

  await using again = await running(dataDir)
  expect(again.leftover).not.toBe("none")
  expect(await queryAs(again.owner, "SELECT word FROM kept")).toEqual([{ word: "committed" }])
})

it("ends children that outlive their main process, busy ones too, before it starts again", async () => {
  const dataDir = await dirs.prepared("busy")
  const first = await start(dataDir)
  await queryAs(first.owner, ...COMMITTED)
  const client = new Client(first.app)
  client.on("error", () => undefined)
  await client.connect()
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  // A loop in one expression checks nothing, not even whether the main process still runs.
  const busy = client
    .query("SELECT count(n) FROM (SELECT generate_series(1, 100000000000) AS n) AS numbers")
    .catch(() => "ended")
  await expect
    .poll(
      () => queryAs(first.superuser, `SELECT FROM pg_stat_activity WHERE pid = ${rows[0]?.pid} AND state = 'active'`),
      SOON,
    )
    .toHaveLength(1)
  process.kill(first.pid, "SIGKILL")
  await first.exited
  const left = await serverProcesses(layoutOf(dataDir).cluster)
  expect(left.map(({ pid }) => pid)).toContain(rows[0]?.pid)

  await using again = await running(dataDir)
  expect(again.leftover).toBe("orphan")
  expect(await queryAs(again.owner, "SELECT word FROM kept")).toEqual([{ word: "committed" }])
  expect(await busy).toBe("ended")
})

it("stops a server that a killed launcher left running, then starts its own", async () => {
  const dataDir = await dirs.prepared("orphan")
  const { child, told } = await launchElsewhere(dataDir)
  child.kill("SIGKILL")
  await once(child, "exit")
  expect((await serverProcesses(layoutOf(dataDir).cluster)).map(({ pid }) => pid)).toContain(told.pid)

  await using again = await running(dataDir)
  expect(again.leftover).toBe("orphan")
  expect(again.pid).not.toBe(told.pid)
  expect((await serverProcesses(layoutOf(dataDir).cluster)).map(({ pid }) => pid)).not.toContain(told.pid)
  expect(await queryAs(again.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
})

it("ends by force a leftover that no longer answers, with its children", async () => {
  const dataDir = await dirs.prepared("hung")
  const first = await start(dataDir)
  await queryAs(first.owner, ...COMMITTED)
  await halt(first.pid)
  const { cluster } = layoutOf(dataDir)
  expect(await stopLeftovers(cluster, { fastMs: 50, immediateMs: 50, killMs: 30_000 })).toBe("orphan")
  expect(await serverProcesses(cluster)).toEqual([])
  await first.exited

  await using again = await running(dataDir)
  expect(await queryAs(again.owner, "SELECT word FROM kept")).toEqual([{ word: "committed" }])
})

it("ends its own server by force when that no longer answers", async () => {
  const child = spawn("sleep", ["600"])
  children.push(child)
  await once(child, "spawn")
  await halt(child.pid ?? 0)
  const ended = exitOf(child)
  await stopServer(child, ended, { fastMs: 20, immediateMs: 20, killMs: 0 })
  expect(await ended).toEqual({ code: null, signal: "SIGKILL" })
})

it("takes over at once from a holder on another machine whose lock is long out of date", async () => {
  const dataDir = await dirs.prepared("elsewhere")
  const { lock } = layoutOf(dataDir)
  const path = join(lock, "900.lock")
  await writeFile(path, `${"0".repeat(12)}-1-1`, { mode: 0o600 })
  const longAgo = Date.now() / 1000 - 600
  await utimes(path, longAgo, longAgo)
  await using server = await running(dataDir)
  expect(server.leftover).toBe("none")
})

it("starts one server on a folder: a second start, in this or another process, is refused and does no harm", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const dataDir = await dirs.prepared("twice")
  await using first = await running(dataDir)
  await expect(startPostgres({ dataDir })).rejects.toMatchObject({ name: "DependencyError", code: "locked" })
  expect((await launchElsewhere(dataDir)).told).toEqual({ code: "locked" })
  expect(await queryAs(first.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
})

it("lets one of several simultaneous starts win on a new folder", { timeout: 3 * MINUTE_MS }, async () => {
  const dataDir = await dirs.fresh("race")
  const starts = await Promise.allSettled([1, 2, 3].map(() => startPostgres({ dataDir })))
  const won = starts.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []))
  const codes = starts.flatMap((start) => (start.status === "rejected" ? [(start.reason as Told).code] : []))
  expect(won).toHaveLength(1)
  expect(codes).toEqual(["locked", "locked"])
  for (const server of won) await server.stop()
})

it("never signals another program that now has the id of a crashed server, and still starts", async () => {
  const dataDir = await dirs.prepared("foreign")
  const first = await start(dataDir)
  const pidFile = join(layoutOf(dataDir).cluster, "postmaster.pid")
  const text = await readFile(pidFile, "utf8")
  const lockFile = join(String(first.app.host), ".s.PGSQL.5432.lock")
  const lock = await readFile(lockFile, "utf8")
  await first.stop()

  const stranger = spawn("sleep", ["600"])
  children.push(stranger)
  await once(stranger, "spawn")
  const reused = (file: string) => file.replace(/^\d+/, String(stranger.pid))
  await writeFile(pidFile, reused(text), { mode: 0o600 })
  await writeFile(lockFile, reused(lock), { mode: 0o600 })

  await using again = await running(dataDir)
  expect(again.leftover).toBe("crashed")
  expect(stranger.exitCode).toBeNull()
  expect(stranger.signalCode).toBeNull()
  expect(await queryAs(again.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
})

it("starts on a folder whose first start was killed half-way", { timeout: 3 * MINUTE_MS }, async () => {
  const dataDir = await dirs.fresh("half-way")
  const child = fork(LAUNCHER, [dataDir], { execArgv: ["-C", "@nightlight/source"] })
  children.push(child)
  const unfinished = async () => {
    return (await readdir(dataDir).catch(() => [])).filter((name) => name.startsWith("new-"))
  }
  await expect.poll(unfinished, SOON).toHaveLength(1)
  child.kill("SIGKILL")
  await once(child, "exit")

  await using server = await running(dataDir)
  expect(await queryAs(server.app, "SELECT 1 AS one")).toEqual([{ one: 1 }])
  expect(await unfinished()).toEqual([])
})
