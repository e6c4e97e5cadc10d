import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DECODING_STATES, ISOLATIONS } from "@nightlight/core"
import { findOldNode } from "@nightlight/dev-env/command/old-node"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { isRunning, startUp, type UpEvent, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, afterEach, describe, expect, it, vi } from "vitest"
import { findConsole } from "../src/up/console.ts"
import { launchedSources } from "./support/launched-sources.ts"
import { environmentsOf } from "./support/process-tree.ts"

const PASSPHRASE = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }
const PARTS = ["postgres", "custodian", "server", "worker"]
// A folder that nobody but its owner may enter: what root's PostgreSQL cannot pass by privilege.
const home = await mkdtemp(join(tmpdir(), "nightlight-up-"))
const started: UpProcess[] = []
const waits = { timeout: 60_000, interval: 50 }
const timeout = 480_000

function up(
  name: string,
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
  command?: readonly string[],
): UpProcess {
  const running = startUp(["--data", join(home, name), ...args], env, command)
  started.push(running)
  return running
}

afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill("SIGTERM")
    await ended
  }
})
afterAll(() => rm(home, { recursive: true, force: true }))

const isEvent = (name: string) => (event: UpEvent) => event.event === name
const isReady = (part: string) => (event: UpEvent) => event.event === "part.ready" && event["part"] === part

async function readyz(url: unknown): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${String(url)}/readyz`)
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function end(running: UpProcess, signal: NodeJS.Signals = "SIGTERM") {
  running.child.kill(signal)
  return running.ended
}

describe("nightlight up", () => {
  it("starts everything on an empty folder, recovers each part from kill -9, keeps a second one off, and stops with 0", {
    timeout,
  }, async () => {
    const running = up("main", PASSPHRASE, ["--unlock-again"])
    const link = await running.next(isEvent("setup-link"))
    const { url, console: hasConsole } = await running.next(isEvent("ready"))
    const page = await fetch(String(url), { headers: { accept: "text/html" } })
    expect([page.status, page.headers.get("content-type")]).toEqual([
      200,
      hasConsole === true ? "text/html; charset=utf-8" : "text/plain; charset=utf-8",
    ])
    expect(hasConsole).toBe((await findConsole()) !== undefined)
    expect(link["url"]).toMatch(new RegExp(`^${String(url)}/setup#[\\w-]{20,}$`))
    await vi.waitFor(async () => {
      const { status, body } = await readyz(url)
      const { isolation, custodianIsolation, decoding, custodianDecoding, ...parts } = body
      expect(parts).toEqual({
        status: "ready",
        database: "ready",
        disk: "ready",
        custodian: "ready",
        lists: "test-only",
        custody: "shared",
      })
      expect(status).toBe(200)
      expect(ISOLATIONS).toContain(isolation)
      expect(custodianIsolation).toBe(isolation)
      for (const state of [decoding, custodianDecoding]) expect(DECODING_STATES).toContain(state)
    }, waits)

    const second = up("main", PASSPHRASE)
    expect(await second.ended).toMatchObject({
      code: 10,
      err: expect.stringContaining("already runs on this data folder"),
    })

    const pids = new Set<number>(PARTS.map((part) => running.pidOf(part)))
    expect(pids.size).toBe(PARTS.length)
    for (const part of ["server", "worker", "custodian", "postgres"]) {
      const before = running.pidOf(part)
      process.kill(before, "SIGKILL")
      await running.next((event) => isReady(part)(event) && event["pid"] !== before)
      await vi.waitFor(async () => {
        expect(await readyz(url).catch(() => undefined)).toMatchObject({ status: 200, body: { custodian: "ready" } })
      }, waits)
    }

    expect(await end(running)).toMatchObject({ code: 0 })
    expect(running.events.at(-1)).toEqual({ event: "stopped" })
    expect(running.events.filter(isEvent("setup-link"))).toEqual([link])
    expect(PARTS.map((part) => isRunning(running.pidOf(part)))).toEqual([false, false, false, false])
    await expect(readyz(url)).rejects.toThrow()
  })

  it("starts on the same folder locked where nobody gives a passphrase, says so, and is unlocked by command", {
    timeout,
  }, async () => {
    const running = up("main")
    expect(await running.next(isEvent("locked"))).toBeDefined()
    const { url } = await running.next(isEvent("ready"))
    await vi.waitFor(
      async () => expect(await readyz(url)).toMatchObject({ status: 200, body: { custodian: "locked" } }),
      waits,
    )
    const wrong = await runCommand(["custodian", "unlock", "--data", join(home, "main")], {
      env: { NIGHTLIGHT_PASSPHRASE: "another passphrase" },
    })
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining("passphrase_wrong") })
    const right = await runCommand(["custodian", "unlock", "--data", join(home, "main")], { env: PASSPHRASE })
    expect(right.exit).toBe(0)
    expect((await readyz(url)).body).toMatchObject({ custodian: "ready" })
    expect(await end(running, "SIGINT")).toMatchObject({ code: 0 })
  })

  it("leaves a custodian that ended unasked locked, though it was given the passphrase, until a person unlocks it", {
    timeout,
  }, async () => {
    const running = up("main", PASSPHRASE)
    await running.next(isEvent("custodian.unlocked"))
    const { url } = await running.next(isEvent("ready"))
    const before = running.pidOf("custodian")
    process.kill(before, "SIGKILL")
    await running.next((event) => isReady("custodian")(event) && event["pid"] !== before)
    expect((await readyz(url)).body).toMatchObject({ custodian: "locked" })
    const unlocking = await runCommand(["custodian", "unlock", "--data", join(home, "main")], { env: PASSPHRASE })
    expect(unlocking.exit).toBe(0)
    expect((await readyz(url)).body).toMatchObject({ custodian: "ready" })
    expect(running.events.filter(isEvent("custodian.unlocked"))).toHaveLength(1)
    expect(await end(running)).toMatchObject({ code: 0 })
  })

  it("leaves nothing running when it is killed itself, and starts again", { timeout }, async () => {
    const running = up("main", PASSPHRASE)
    await running.next(isEvent("ready"))
    await end(running, "SIGKILL")
    const children = PARTS.filter((part) => part !== "postgres").map((part) => running.pidOf(part))
    const again = up("main", PASSPHRASE)
    const { url } = await again.next(isEvent("ready"))
    expect((await readyz(url)).status).toBe(200)
    await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), waits)
    expect(await end(again)).toMatchObject({ code: 0 })
  })

  it("starts on an empty folder without a passphrase, says that there is no key, and takes one made meanwhile", {
    timeout,
  }, async () => {
    const running = up("bare")
    const { url } = await running.next(isEvent("ready"))
    expect(await readyz(url)).toMatchObject({ status: 200, body: { custodian: "no-key" } })
    const made = await runCommand(["custodian", "init", "--data", join(home, "bare"), "--json"], { env: PASSPHRASE })
    expect(JSON.parse(made.out)).toMatchObject({ made: ["workspace", "custodian"] })
    await running.next(isReady("custodian"))
    await vi.waitFor(async () => expect((await readyz(url)).body).toMatchObject({ custodian: "locked" }), waits)
    expect(await end(running)).toMatchObject({ code: 0 })
  })

  it("uses another server that DATABASE_URL names, and starts none", { timeout }, async () => {
    const other = await createDatabase({ migrated: false })
    try {
      const urlOf = ({ host, port, user, password, database }: typeof other.app) =>
        `postgresql://${user}:${encodeURIComponent(String(password))}@/${database}?host=${String(host)}&port=${port}`
      const env = { DATABASE_URL: urlOf(other.app), NIGHTLIGHT_DATABASE_OWNER_URL: urlOf(other.owner) }
      const running = up("other", { ...PASSPHRASE, ...env })
      const { url } = await running.next(isEvent("ready"))
      expect(await readyz(url)).toMatchObject({ status: 200, body: { database: "ready" } })
      expect(running.events.filter((event) => event["part"] === "postgres")).toEqual([])
      for (const part of ["custodian", "server", "worker"]) {
        expect(await readFile(`/proc/${running.pidOf(part)}/environ`, "utf8")).not.toContain("postgresql")
      }
      expect(await end(running)).toMatchObject({ code: 0 })
    } finally {
      await other.drop()
    }
  })

  it("stops with 0 when it is told to while it starts", { timeout }, async () => {
    const running = up("early", PASSPHRASE)
    await running.next(isReady("postgres"))
    expect(await end(running)).toMatchObject({ code: 0 })
  })

  // In `npm run verify:long`: an earlier server that is just stopping is waited for first.
  it.runIf(process.env["NIGHTLIGHT_LONG"])(
    "says which port is taken, and starts nothing then",
    { timeout },
    async () => {
      const first = up("main", PASSPHRASE)
      const { port } = await first.next(isEvent("ready"))
      const running = up("taken", PASSPHRASE, ["--port", String(port)])
      expect(await running.ended).toMatchObject({
        code: 10,
        err: expect.stringContaining("another program listens on the port"),
      })
      expect(isRunning(running.pidOf("postgres"))).toBe(false)
    },
  )

  it("keeps everything to its owner, and no passphrase in any process's environment or log, and no inspector opens on a signal", {
    timeout,
  }, async () => {
    const authorities = { NODE_EXTRA_CA_CERTS: "/nowhere.pem", SSL_CERT_FILE: "/nowhere.pem", SSL_CERT_DIR: "/nowhere" }
    // Under an old Node the launcher stays beside the command.
    const launcher = await launchedSources(home)
    const env = { ...PASSPHRASE, CANARY: "canary-environment", ...authorities, ...launcher.env }
    const running = up("main", env, [], [findOldNode() ?? process.execPath, launcher.bin])
    await running.next(isEvent("ready"))
    const tree = await environmentsOf(running.child.pid ?? 0)
    expect(tree.size).toBeGreaterThan(findOldNode() === undefined ? 4 : 5)
    for (const [pid, environment] of tree) {
      expect({ pid, environment }).toEqual({
        pid,
        environment: expect.not.stringMatching(/a passphrase of a test|NIGHTLIGHT_PASSPHRASE/),
      })
    }
    for (const part of ["custodian", "server", "worker"]) {
      const environment = await readFile(`/proc/${running.pidOf(part)}/environ`, "utf8")
      expect(environment).not.toMatch(/canary-environment|a passphrase of a test|PASSWORD/)
      expect(await readFile(`/proc/${running.pidOf(part)}/cmdline`, "utf8")).toContain("--disable-sigusr1")
      expect(await readFile(`/proc/${running.pidOf(part)}/limits`, "utf8")).toMatch(/^Max core file size\s+0\s+0\s/m)
    }
    expect(await readFile(`/proc/${running.pidOf("custodian")}/environ`, "utf8")).not.toContain("nowhere")
    for (const pid of [
      running.child.pid ?? 0,
      ...["custodian", "server", "worker"].map((part) => running.pidOf(part)),
    ]) {
      process.kill(pid, "SIGUSR1")
    }
    const { err, code } = await end(running)
    expect({ err, code }).toEqual({ err: expect.not.stringContaining("Debugger"), code: 0 })
    const refused = await runCommand(["up", "--data", join(home, "main")], { env: PASSPHRASE })
    expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining("--passphrase-stdin") })
    const dir = join(home, "main")
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    const open = []
    for (const name of await readdir(dir, { recursive: true })) {
      const { mode } = await stat(join(dir, name))
      if ((mode & 0o077) !== 0 && !name.startsWith("postgres/cluster/")) open.push(name)
    }
    expect(open.filter((name) => !name.endsWith(".lock") && !name.endsWith(".pub"))).toEqual([])
    for (const name of await readdir(join(dir, "logs"))) {
      expect(await readFile(join(dir, "logs", name), "utf8")).not.toMatch(/a passphrase of a test|Debugger/)
    }
  })
})
