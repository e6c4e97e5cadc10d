import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compact, MINUTE_MS } from "@nightlight/core"
import { filesBelow, type TemporaryFolder, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { configure, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { KILLS_LIMIT_MS, spreadKills } from "@nightlight/dev-env/machine/kill-at-every-step"
import { generateIdentity, recipientOf } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { verifyAudit } from "../src/audit/verify.ts"
import { parseConfig } from "../src/workspace/config.ts"
import { defaultConfigText } from "../src/workspace/default-config.ts"
import { type InitAnswers, initWorkspace } from "../src/workspace/init.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { command, runScript } from "./support/run-command.ts"

const KILLABLE = fileURLToPath(new URL("support/kill-command.ts", import.meta.url))
const PASSPHRASE = "a passphrase of a test"

/** Answers that make all keys here; a low work factor, as nothing is protected. */
const local: InitAnswers = { custody: "locate", basis: null, custodians: [], passphrase: PASSPHRASE, workFactor: 8 }

async function elsewhere(): Promise<InitAnswers> {
  const [custodian, recovery] = [await generateIdentity(), await generateIdentity()]
  return {
    custody: "locate",
    basis: null,
    custodians: [await recipientOf(custodian)],
    recovery: await recipientOf(recovery),
  }
}

function modesBelow(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" })
  return Object.fromEntries(names.map((name) => [name, (statSync(join(folder, name)).mode & 0o777).toString(8)]))
}

describe("init", () => {
  it("makes a workspace that only its owner may enter or read", async () => {
    using folder = temporaryFolder()
    const root = join(folder.path, "ws")
    mkdirSync(root, { mode: 0o755 })
    const result = await initWorkspace(root, local)
    expect(result.custodySeparated).toBe(false)
    expect(statSync(root).mode & 0o777).toBe(0o700)
    for (const [name, mode] of Object.entries(modesBelow(root))) {
      const isFolder = statSync(join(root, name)).isDirectory()
      // Files of lists and index hold no key; the folder above them is closed.
      if (isFolder) expect({ name, mode }).toEqual({ name, mode: "700" })
      else if (name.startsWith("keys/") && !name.endsWith(".pub")) expect({ name, mode }).toEqual({ name, mode: "600" })
    }
    const workspace = await openWorkspace(root)
    expect(await verifyAudit(workspace)).toMatchObject({ ok: true, events: 1 })
  })

  it("keeps private halves that are made here encrypted, and no passphrase anywhere", async () => {
    using folder = temporaryFolder()
    const { custodianIdentity = "", recoveryIdentity = "" } = await initWorkspace(folder.path, local)
    for (const path of [custodianIdentity, recoveryIdentity]) {
      expect(readFileSync(path, "utf8")).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/)
    }
    for (const [path, content] of Object.entries(filesBelow(folder.path))) {
      for (const hidden of [PASSPHRASE, "AGE-SECRET-KEY"]) {
        expect({ path, at: content.indexOf(hidden) }).toEqual({ path, at: -1 })
      }
    }
  })

  it("accepts keys that were made elsewhere, and then keeps no private half", async () => {
    using folder = temporaryFolder()
    const answers = await elsewhere()
    const result = await initWorkspace(folder.path, answers)
    expect(result).toMatchObject({ custodySeparated: true })
    expect(result.custodianIdentity ?? result.recoveryIdentity).toBeUndefined()
    expect(readdirSync(join(folder.path, "keys")).filter((name) => name.endsWith(".age"))).toEqual([])
    const { manifest } = await openWorkspace(folder.path)
    expect(manifest.recipients.map(({ recipient, role, local: isLocal }) => [recipient, role, isLocal])).toEqual([
      [answers.custodians[0], "custodian", false],
      [answers.recovery, "recovery", false],
    ])
  })

  it("refuses an existing workspace and changes nothing of it", async () => {
    using test = await testWorkspace()
    const before = filesBelow(test.root)
    await expect(initWorkspace(test.root, local)).rejects.toThrow(expect.objectContaining({ code: "workspace_exists" }))
    const refused = await nightlight(test.root, "init", "--yes")
    expect(refused).toMatchObject({ exit: 2, out: "" })
    expect(filesBelow(test.root)).toEqual(before)
  })

  it.each([
    ["no passphrase for a key made here", { ...local, passphrase: "" }, "passphrase_missing"],
    ["sealed copies without a reason", { ...local, custody: "seal" as const }, "config_invalid"],
    ["a recipient that is no key", { ...local, custodians: ["age1nonsense"] }, "key_malformed"],
  ])("refuses %s, and can be repeated", async (_, answers, code) => {
    using folder = temporaryFolder()
    await expect(initWorkspace(folder.path, answers)).rejects.toThrow(expect.objectContaining({ code }))
    expect(readdirSync(folder.path)).toEqual([])
    await initWorkspace(folder.path, local)
    expect((await openWorkspace(folder.path)).config.custody.mode).toBe("locate")
  })

  it("does not touch a folder with evidence but without its configuration", async () => {
    using test = await testWorkspace()
    writeFileSync(join(test.root, "evidence", "x.age"), "sealed")
    const { unlinkSync } = await import("node:fs")
    unlinkSync(join(test.root, "nightlight.yaml"))
    const before = filesBelow(test.root)
    await expect(initWorkspace(test.root, local)).rejects.toThrow(expect.objectContaining({ code: "state_conflict" }))
    expect(filesBelow(test.root)).toEqual(before)
  })

  it("does not touch a folder with the operator's own files under its names", async () => {
    using folder = temporaryFolder()
    for (const name of ["keys/mine.txt", "lists/mine.csv", "index/mine.html", "audit/notes.md", "policy.yaml"]) {
      using inner: TemporaryFolder = temporaryFolder()
      inner.write(name, "mine")
      await expect(initWorkspace(inner.path, local)).rejects.toThrow(
        expect.objectContaining({ code: "state_conflict" }),
      )
      expect(readFileSync(join(inner.path, name), "utf8")).toBe("mine")
    }
    expect(readdirSync(folder.path)).toEqual([])
  })

  it("needs a reason for sealed copies", async () => {
    using folder = temporaryFolder()
    const refused = await nightlight(folder.path, "init", "--custody", "seal", "--yes")
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain("--basis")
    expect(readdirSync(folder.path)).toEqual([])
  })

  it("asks nothing with --yes, and reads the passphrase from the environment, which child processes do not get", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    using folder = temporaryFolder()
    const root = join(folder.path, "ws")
    const env = { ...process.env, NIGHTLIGHT_PASSPHRASE: PASSPHRASE }
    const made = await command(["--workspace", root, "init", "--yes", "--json"], { env })
    expect(made).toMatchObject({ exit: 0 })
    expect(JSON.parse(made.out)).toMatchObject({ workspace: root, custodySeparated: false })
    expect(await command(["--workspace", join(folder.path, "other"), "init", "--yes"])).toMatchObject({
      exit: 2,
      out: "",
    })
    expect(existsSync(join(folder.path, "other", "nightlight.yaml"))).toBe(false)
  })

  it("can be repeated when it was killed, at any step of it", { timeout: KILLS_LIMIT_MS }, async () => {
    using folder = temporaryFolder()
    const { custodians, recovery = "" } = await elsewhere()
    const keys = ["--recipient", custodians[0] ?? "", "--recovery", recovery]
    const init = (name: string, killAt?: number) =>
      runScript(KILLABLE, ["--workspace", join(folder.path, name), "init", "--yes", ...keys], {
        env: {
          ...process.env,
          ...compact({ NIGHTLIGHT_TEST_KILL_AT: killAt === undefined ? undefined : String(killAt) }),
        },
      })
    const whole = await init("whole")
    expect(whole, whole.err).toMatchObject({ exit: 0 })
    const steps = Number(whole.err.split("\n").at(-1))
    expect(steps).toBeGreaterThan(20)
    for (const [kill, killAt] of spreadKills(steps, 3, { long: 50 }).entries()) {
      const root = `killed-${kill}`
      expect(await init(root, killAt)).toMatchObject({ signal: "SIGKILL" })
      const again = await init(root)
      // Once the configuration is there it is a workspace, whatever was cut off behind it.
      const isThere = again.exit === 2 && again.err.includes("workspace_exists")
      if (!isThere) expect(again, `killed at ${killAt}`).toMatchObject({ exit: 0 })
      const workspace = await openWorkspace(join(folder.path, root))
      await workspace.refreshIndex()
      await using index = await workspace.openIndex()
      expect(index.lists).toHaveLength(1)
      expect(await verifyAudit(workspace)).toMatchObject({ ok: true })
    }
  })
})

describe("opening a workspace", () => {
  it("reports a missing workspace", async () => {
    using folder = temporaryFolder()
    const refused = await nightlight(folder.path, "scan", folder.path)
    expect(refused.exit).toBe(2)
    expect(refused.err).toContain("(workspace_missing)")
  })

  it.each(["keys/signing.pem", "keys/digest.key"])("refuses a key that others may read: %s", async (name) => {
    using test = await testWorkspace()
    chmodSync(join(test.root, name), 0o644)
    await expect(openWorkspace(test.root)).rejects.toThrow(expect.objectContaining({ code: "key_unusable" }))
  })

  it("refuses recipients that it did not sign", async () => {
    using test = await testWorkspace()
    const path = join(test.root, "keys", "recipients.json")
    const stranger = await recipientOf(await generateIdentity())
    const text = readFileSync(path, "utf8")
    writeFileSync(path, text.replace(/age1[0-9a-z]+/, stranger))
    await expect(openWorkspace(test.root)).rejects.toThrow(expect.objectContaining({ code: "manifest_untrusted" }))
  })
})

describe("nightlight.yaml", () => {
  it("as init writes it equals an empty file", () => {
    expect(parseConfig(defaultConfigText({ custody: "locate", basis: null }))).toEqual(parseConfig("version: 1\n"))
    const basis = 'quotes " and \\ and\nlines # and: colons'
    expect(parseConfig(defaultConfigText({ custody: "seal", basis })).custody).toEqual({ mode: "seal", basis })
  })

  it.each([
    ["an unknown key", "version: 1\nscann: {}\n", "scann"],
    ["seal without a reason", "version: 1\ncustody:\n  mode: seal\n", "custody.basis"],
    ["a wrong value, by its line", "version: 1\nscan:\n  kernel: quick\n", "line 3: scan.kernel"],
    ["no YAML", "version: [1\n", "line"],
    ["a key given twice", "version: 1\nversion: 1\n", "line 2"],
    ["an alias bomb", "version: 1\na: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\n", "nightlight.yaml is not usable"],
    ["nothing", "", "nightlight.yaml is not usable"],
    ["a huge file", `# ${"x".repeat(70_000)}\nversion: 1\n`, "larger than"],
  ])("is refused for %s", (_, text, words) => {
    expect(() => parseConfig(text)).toThrow(
      expect.objectContaining({ code: "config_invalid", message: expect.stringContaining(words) }),
    )
  })

  it("is read again by each command", async () => {
    using test = await testWorkspace()
    configure(test.root, "kernel: fast", "kernel: slow")
    const refused = await nightlight(test.root, "lists", "ls")
    expect(refused).toMatchObject({ exit: 2, out: "" })
    expect(refused.err).toContain("scan.kernel")
  })
})
