import { appendFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpEvent, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { afterAll, afterEach, describe, expect, it } from "vitest"

const env = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }
const home = await mkdtemp(join(tmpdir(), "nightlight-backup-"))
const data = join(home, "data")
const started: UpProcess[] = []
const timeout = 480_000

async function up(): Promise<UpProcess> {
  const running = startUp(["--data", data], env)
  started.push(running)
  await running.next(({ event }) => event === "ready")
  return running
}

async function down(): Promise<void> {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGTERM")
    await ended
  }
}

afterEach(down, 120_000)
afterAll(() => rm(home, { recursive: true, force: true }))

const run = (...argv: string[]) => runCommand([...argv, "--data", data, "--json"], { env })

describe("backup and restore", () => {
  it("restore the database, with filing paused until it agrees with the custodian's journal", {
    timeout,
  }, async () => {
    await up()
    const backup = oneObject(await run("backup", join(home, "one")))
    expect(backup).toMatchObject({ events: expect.any(Number), id: expect.stringMatching(/^backup-/) })
    expect(await run("backup", join(home, "one"))).toMatchObject({
      exit: 2,
      err: expect.stringContaining("output_conflict"),
    })
    expect(await run("restore", join(home, "one"))).toMatchObject({ exit: 10, err: expect.stringContaining("locked") })
    expect(oneObject(await run("backup", "drill", join(home, "one")))).toMatchObject({
      backup: backup["id"],
      ok: true,
      catalogue: true,
      log: true,
      counts: true,
      evidence: { changed: 0 },
    })
    await down()
    // More happens after the backup: each start without an administrator makes a link, which is an event.
    // From here on backups are made on a schedule, the first at once.
    const config = join(data, "server", "server.yaml")
    await appendFile(config, "\nbackup:\n  everyHours: 6\n  to: scheduled\n  keep: 2\n")
    const running = await up()
    const isMade = (event: UpEvent) => event.event === "part.made"
    const made = running.events.find(isMade) ?? (await running.next(isMade))
    expect(made).toMatchObject({ part: "backup", id: expect.stringMatching(/^backup-/) })
    const [scheduled = ""] = await readdir(join(data, "scheduled"))
    expect(scheduled).toMatch(/^backup-\d{8}T\d{6}Z$/)
    await down()

    const restored = oneObject(await run("restore", join(home, "one")))
    expect(restored).toMatchObject({
      restored: backup["id"],
      filingPaused: true,
      movedTo: expect.stringContaining("postgres-before-"),
      newer: { id: made["id"], folder: join(data, "scheduled", scheduled), madeAt: expect.any(String) },
    })
    const again = await up()
    expect(again.events.some(({ event }) => event === "setup-link")).toBe(true)
    expect(oneObject(await run("restore", "--reconcile"))).toEqual({
      compared: 0,
      differing: 0,
      paused: false,
      replayed: 0,
      suspended: [],
      open: false,
    })
    await down()
    expect(oneObject(await run("audit", "counts"))).toEqual({ ok: true, differences: [] })
    const exported = oneObject(await run("audit", "export", join(home, "log")))
    const lines = (await readFile(join(home, "log", "000000000001.ndjson"), "utf8")).trimEnd().split("\n")
    expect(lines).toHaveLength(Number(exported["events"]))
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types.slice(Number(backup["events"]))).toEqual(
      expect.arrayContaining(["database.restored", "filing.paused", "restore.closed", "filing.resumed"]),
    )
    // The custodian signed events that the restored database never had: the log says so for ever.
    expect(await run("audit", "verify")).toMatchObject({
      exit: 4,
      out: expect.stringMatching(/log_truncated|checkpoint_differs/),
    })
  })

  it("leave keys out of a backup, and refuse a changed or incomplete one", { timeout }, async () => {
    const folder = join(home, "two")
    const { fingerprint } = oneObject(await run("backup", folder))
    expect((await readdir(folder)).sort()).toEqual(["backup.json", "contents.age", "data.age"])
    const before = await readdir(data)
    await appendFile(join(folder, "data.age"), "\n")
    const trusted = ["--trust", String(fingerprint), "--identity", join(data, "keys", "recovery.age")]
    for (const more of [[], trusted]) {
      expect(await run("restore", folder, ...more)).toMatchObject({
        exit: 4,
        err: expect.stringContaining("backup_untrusted"),
      })
    }
    expect(await run("restore", folder, "--identity", join(data, "keys", "custodian.age"))).toMatchObject({ exit: 4 })
    await rm(join(folder, "backup.json"))
    expect(await run("restore", folder)).toMatchObject({ exit: 2, err: expect.stringContaining("no complete backup") })
    expect(await run("audit", "verify")).toMatchObject({ exit: 4 })
    expect((await readdir(data)).filter((name) => !before.includes(name))).toEqual([])
  })
})
