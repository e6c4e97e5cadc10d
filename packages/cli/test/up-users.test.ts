import { execFile } from "node:child_process"
import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpEvent } from "@nightlight/dev-env/command/up-process"
import { afterAll, describe, expect, it, vi } from "vitest"
import { USER_NAMES } from "../../launcher/src/os-users/make-users.ts"
import { readUsers } from "../../launcher/src/os-users/users-file.ts"

const run = promisify(execFile)
const isRoot = process.getuid?.() === 0 && process.platform === "linux"
const PASSPHRASE = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }
const waits = { timeout: 30_000, interval: 50 }
const home = await mkdtemp(join(tmpdir(), "nightlight-users-"))
const data = join(home, "data")
const isEvent = (name: string) => (event: UpEvent) => event.event === name

afterAll(() => rm(home, { recursive: true, force: true }))

async function idsOf(pid: number): Promise<{ readonly uids: readonly number[]; readonly text: string }> {
  const text = await readFile(`/proc/${pid}/status`, "utf8")
  const uids = (/^Uid:\s+(.*)$/m.exec(text)?.[1] ?? "").split(/\s+/).map(Number)
  return { uids, text }
}

/** Runs a shell command as a user, as whoever took its process over could. */
async function as({ uid, gid }: { readonly uid: number; readonly gid: number }, command: string): Promise<boolean> {
  const who = [`--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--"]
  return run("setpriv", [...who, "sh", "-c", command]).then(
    () => true,
    () => false,
  )
}

describe.skipIf(isRoot)("nightlight up --users without root", () => {
  it("reports that it needs root, and creates nothing", async () => {
    const ran = await runCommand(["up", "--users", "--data", data])
    expect(ran.exit).toBe(2)
    expect(ran.err).toContain("root")
    await expect(stat(data)).rejects.toThrow("ENOENT")
  })
})

// It makes system users, so that it runs in `npm run verify:long` alone.
describe.skipIf(!isRoot)("nightlight up --users (needs root)", () => {
  it("runs each process as a separate user, which cannot read, change or trace what belongs to another", {
    timeout: 120_000,
  }, async () => {
    await chmod(home, 0o755)
    const running = startUp(["--users", "--data", data], PASSPHRASE)
    try {
      const said = await running.next(isEvent("users"))
      const { url } = await running.next(isEvent("ready"))
      expect(said).toMatchObject({ server: "nightlight", custodian: "nightlight-custodian" })
      const users = await readUsers(data)
      if (users === undefined) throw new Error("no users")
      const { server, custodian, postgres } = users

      const parts = { server, worker: server, custodian, postgres }
      for (const [part, { uid }] of Object.entries(parts)) {
        const { uids, text } = await idsOf(running.pidOf(part))
        expect([part, ...uids]).toEqual([part, uid, uid, uid, uid])
        expect(text).toMatch(/^CapEff:\s+0+$/m)
        expect(text).toMatch(/^Groups:\s*$/m)
        expect(await readFile(`/proc/${running.pidOf(part)}/limits`, "utf8")).toMatch(/core file size\s+0\s+0/)
        if (part !== "postgres") expect(text).toMatch(/^NoNewPrivs:\s+1$/m)
      }

      await vi.waitFor(async () => {
        const response = await fetch(`${String(url)}/readyz`)
        const body = (await response.json()) as Record<string, unknown>
        expect(body).toMatchObject({ status: "ready", custodian: "ready", custody: "separated", lists: "test-only" })
        expect(body["isolation"]).not.toBe("none")
        expect(body["custodianIsolation"]).toBe(body["isolation"])
      }, waits)

      const keeper = join(data, "custodian")
      const pid = running.pidOf("custodian")
      const notServers = [
        `ls ${keeper}`,
        ...["identity.age", "keys/journal.pem", "keys/checkpoint.pem", "custodian.yaml", "enrolments.json"].map(
          (name) => `cat ${join(keeper, name)}`,
        ),
        `ls ${join(keeper, "journal")}`,
        `echo x >> ${join(keeper, "checkpoints.ndjson")}`,
        `echo x >> ${join(keeper, "custodian.yaml")}`,
        `mv ${keeper} ${keeper}-aside`,
        ...["environ", "maps", "mem", "fd/0", "auxv"].map((name) => `head -c 1 /proc/${pid}/${name}`),
        `ls /proc/${pid}/fd`,
        `kill -0 ${pid}`,
        `kill -USR1 ${pid}`,
        `cat ${join(data, "keys", "signing.pem")}`,
        `cat ${join(data, "keys", "custodian.age")}`,
        `cat ${join(data, "keys", "recovery.age")}`,
        `echo x >> ${join(data, "keys", "recipients.json")}`,
        `rm -f ${join(data, "keys", "recipients.json")}`,
        `rm ${join(data, "run", "custodian", "custodian.sock")}`,
        `ls ${join(data, "postgres")}`,
        `cat ${join(data, "postgres", "roles.json")}`,
        `echo x >> ${join(data, "server", "server.yaml")}`,
        `rm -f ${join(data, "server", "server.yaml")}`,
        `ls ${join(data, "logs")}`,
        `echo x >> ${join(data, "users.json")}`,
        `ls ${data}`,
      ]
      for (const command of notServers) expect([command, await as(server, command)]).toEqual([command, false])
      const servers = [
        `cat ${join(data, "server", "context.key")}`,
        `cat ${join(data, "keys", "recipients.json")}`,
        `ls ${join(data, "evidence")}`,
      ]
      for (const command of servers) expect([command, await as(server, command)]).toEqual([command, true])

      const notPostgres = [
        ...["context.key", "digest.key", "server.yaml"].map((name) => `cat ${join(data, "server", name)}`),
        ...["digest.key", "signing.pem", "custodian.age"].map((name) => `cat ${join(data, "keys", name)}`),
        `ls ${keeper}`,
        `ls ${join(data, "evidence")}`,
        `ls ${join(data, "run", "custodian")}`,
        `cat ${join(data, "postgres", "roles.json")}`,
        `head -c 1 /proc/${running.pidOf("server")}/environ`,
        `kill -0 ${running.pidOf("server")}`,
      ]
      for (const command of notPostgres) expect([command, await as(postgres, command)]).toEqual([command, false])
      const notCustodians = [
        `cat ${join(data, "server", "context.key")}`,
        `touch ${join(data, "evidence", "x")}`,
        `ls ${join(data, "run", "postgres")}`,
        `kill -0 ${running.pidOf("server")}`,
      ]
      for (const command of notCustodians) expect([command, await as(custodian, command)]).toEqual([command, false])
      expect(await as(custodian, `ls ${join(data, "evidence")} && cat ${join(data, "keys", "recipients.json")}`)).toBe(
        true,
      )

      const status = await runCommand(["custodian", "status", "--json", "--data", data])
      expect(status).toMatchObject({ exit: 0, err: "" })
      expect(JSON.parse(status.out)).toMatchObject({ state: "ready", custody: "separated" })
      await vi.waitFor(async () => {
        expect(await runCommand(["audit", "verify", "--json", "--data", data])).toMatchObject({ exit: 0, err: "" })
      }, waits)
      const backup = await runCommand(["backup", join(home, "backup"), "--json", "--data", data])
      expect(backup).toMatchObject({ exit: 0, err: "" })
      const password = join(home, "password")
      await run("sh", ["-c", `umask 077; echo of-a-test > ${password}`])
      const credentials = ["custodian", "credentials", "test", "--username", "test", "--password-file", password]
      expect(await runCommand([...credentials, "--data", data])).toMatchObject({ exit: 0, err: "" })
      expect(await lstat(join(keeper, "credentials-test.age"))).toMatchObject({
        uid: custodian.uid,
        gid: custodian.gid,
      })
      expect(await lstat(join(data, "keys", "backup.pem"))).toMatchObject({ uid: server.uid, mode: 0o100600 })

      const { stdout } = await run("find", [data, "-user", "root", "!", "-type", "d"])
      const roots = stdout
        .trim()
        .split("\n")
        .map((path) => path.slice(data.length + 1))
      expect(
        roots
          .filter(
            (path) => !/^(logs\/|run\/up\.lock\/|postgres\/(lock\/|roles\.json$|postgres\.log)|keys\/)/.test(path),
          )
          .sort(),
      ).toEqual(["nightlight.yaml", "policy.tests.yaml", "policy.yaml", "server/server.yaml", "users.json"])
    } finally {
      running.child.kill("SIGTERM")
      expect(await running.ended).toMatchObject({ code: 0, err: "" })
    }
    const folder = join(home, "units")
    expect(await runCommand(["up", "--print-systemd", folder, "--data", data])).toMatchObject({ exit: 0, err: "" })
    const units = (await readdir(folder)).sort()
    expect(units).toEqual(["custodian", "migrations", "server", "worker"].map((name) => `nightlight-${name}.service`))
    const paths = units.map((name) => join(folder, name))
    const verified = await run("systemd-analyze", ["verify", "--man=no", ...paths]).catch((error: unknown) => error)
    if (!(verified instanceof Error && "code" in verified && verified.code === "ENOENT")) {
      expect(verified).toMatchObject({ stderr: "" })
    }
    expect(await readFile(join(folder, "nightlight-custodian.service"), "utf8")).toContain(
      `User=${USER_NAMES.custodian}\n`,
    )
    const again = startUp(["--data", data], PASSPHRASE)
    await again.next(isEvent("ready"))
    expect((await idsOf(again.pidOf("server"))).uids).toContain((await readUsers(data))?.server.uid)
    again.child.kill("SIGTERM")
    expect(await again.ended).toMatchObject({ code: 0, err: "" })
  })
})
