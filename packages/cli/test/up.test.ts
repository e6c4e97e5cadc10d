import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DECODING_STATES, ISOLATIONS } from "@nightlight/core"
import { findOldNode } from "@nightlight/dev-env/command/old-node"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { isRunning, startUp, type UpEvent, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { createDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest"
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

  it("starts on an empty folder without a passphrase, and uses a key that is made and unlocked later", {
    timeout,
  }, async () => {
    const running = up("bare")
    expect(await running.next(isEvent("locked"))).toBeDefined()
    const { url } = await running.next(isEvent("ready"))
    expect(await readyz(url)).toMatchObject({ status: 200, body: { custodian: "no-key" } })
    const data = ["--data", join(home, "bare")]
    const made = await runCommand(["custodian", "init", ...data, "--json"], { env: PASSPHRASE })
    expect(JSON.parse(made.out)).toMatchObject({ created: ["workspace", "custodian"] })
    await running.next(isReady("custodian"))
    await vi.waitFor(async () => expect((await readyz(url)).body).toMatchObject({ custodian: "locked" }), waits)
    const env = { NIGHTLIGHT_PASSPHRASE: "another passphrase" }
    const wrong = await runCommand(["custodian", "unlock", ...data], { env })
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining("passphrase_wrong") })
    expect(await runCommand(["custodian", "unlock", ...data], { env: PASSPHRASE })).toMatchObject({ exit: 0 })
    expect((await readyz(url)).body).toMatchObject({ custodian: "ready" })
    expect(await end(running, "SIGINT")).toMatchObject({ code: 0 })
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

  it("stops with 0 when it is told to stop while it starts", { timeout }, async () => {
    const running = up("early", PASSPHRASE)
    await running.next(isReady("postgres"))
    expect(await end(running)).toMatchObject({ code: 0 })
  })

  // In `npm run verify:long`: an earlier server that is just stopping is waited for first.
  it("reports which port is taken, and then starts nothing", { timeout }, async () => {
    const first = up("main", PASSPHRASE)
    const { port } = await first.next(isEvent("ready"))
    const running = up("taken", PASSPHRASE, ["--port", String(port)])
    expect(await running.ended).toMatchObject({
      code: 10,
      err: expect.stringContaining("another program listens on the port"),
    })
    expect(isRunning(running.pidOf("postgres"))).toBe(false)
  })
})

describe("an installation that was given its passphrase once", () => {
  let running: UpProcess
  let url: unknown

  beforeAll(async () => {
    const authorities = { NODE_EXTRA_CA_CERTS: "/nowhere.pem", SSL_CERT_FILE: "/nowhere.pem", SSL_CERT_DIR: "/nowhere" }
    // Under an old Node the launcher stays beside the command.
    const launcher = await launchedSources(home)
    const env = { ...PASSPHRASE, CANARY: "canary-environment", ...authorities, ...launcher.env }
    running = startUp(["--data", join(home, "main")], env, [findOldNode() ?? process.execPath, launcher.bin])
    await running.next(isEvent("custodian.unlocked"))
    url = (await running.next(isEvent("ready")))["url"]
  }, timeout)
  afterAll(() => void running.child.kill("SIGKILL"))

  it("keeps the passphrase out of every process's environment", async () => {
    const tree = await environmentsOf(running.child.pid ?? 0)
    expect(tree.size).toBeGreaterThan(findOldNode() === undefined ? 4 : 5)
    for (const [pid, environment] of tree) {
      expect({ pid, environment }).toEqual({
        pid,
        environment: expect.not.stringMatching(/a passphrase of a test|NIGHTLIGHT_PASSPHRASE/),
      })
    }
  })

  it("gives its processes neither its own environment nor a way to dump or to debug them", async () => {
    for (const part of ["custodian", "server", "worker"]) {
      const proc = `/proc/${running.pidOf(part)}`
      expect(await readFile(`${proc}/environ`, "utf8")).not.toMatch(
        /canary-environment|a passphrase of a test|PASSWORD/,
      )
      expect(await readFile(`${proc}/cmdline`, "utf8")).toContain("--disable-sigusr1")
      expect(await readFile(`${proc}/limits`, "utf8")).toMatch(/^Max core file size\s+0\s+0\s/m)
    }
    expect(await readFile(`/proc/${running.pidOf("custodian")}/environ`, "utf8")).not.toContain("nowhere")
    const pids = ["custodian", "server", "worker"].map((part) => running.pidOf(part))
    for (const pid of [running.child.pid ?? 0, ...pids]) process.kill(pid, "SIGUSR1")
  })

  it("leaves a custodian that ended unexpectedly locked until a person unlocks it", { timeout }, async () => {
    const before = running.pidOf("custodian")
    process.kill(before, "SIGKILL")
    await running.next((event) => isReady("custodian")(event) && event["pid"] !== before)
    expect((await readyz(url)).body).toMatchObject({ custodian: "locked" })
    const unlocking = await runCommand(["custodian", "unlock", "--data", join(home, "main")], { env: PASSPHRASE })
    expect(unlocking.exit).toBe(0)
    expect((await readyz(url)).body).toMatchObject({ custodian: "ready" })
    expect(running.events.filter(isEvent("custodian.unlocked"))).toHaveLength(1)
  })

  it("leaves nothing running when it is killed, and starts again, locked unless a passphrase is given", {
    timeout,
  }, async () => {
    const children = PARTS.filter((part) => part !== "postgres").map((part) => running.pidOf(part))
    expect((await end(running, "SIGKILL")).err).not.toContain("Debugger")
    const again = up("main")
    expect(await again.next(isEvent("locked"))).toBeDefined()
    const ready = await again.next(isEvent("ready"))
    await vi.waitFor(async () => {
      expect(await readyz(ready["url"])).toMatchObject({ status: 200, body: { custodian: "locked" } })
    }, waits)
    await vi.waitFor(() => expect(children.filter(isRunning)).toEqual([]), waits)
    expect(await end(again)).toMatchObject({ code: 0 })
  })

  it("refuses a passphrase in the environment, and names --passphrase-stdin", async () => {
    const refused = await runCommand(["up", "--data", join(home, "main")], { env: PASSPHRASE })
    expect(refused).toMatchObject({ exit: 2, err: expect.stringContaining("--passphrase-stdin") })
  })

  it("keeps its folder to its owner, and writes no passphrase into a log", async () => {
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
