import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { makeDataset } from "@nightlight/demo/generated"
import { oneObject, type Ran, runCommand } from "@nightlight/dev-env/command/run-command"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const env = { NIGHTLIGHT_PASSPHRASE: "correct horse battery" }

/** The commands in the order in which a newcomer types them, each building on the one before. */
describe("the main path, command by command", () => {
  let folder: string
  let planted: number
  const pathOf = (...parts: string[]) => join(folder, ...parts)
  const nightlight = (...argv: string[]): Promise<Ran> =>
    runCommand(["--workspace", pathOf("workspace"), ...argv], { cwd: folder, env })

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "nightlight-cli-"))
    const made = await makeDataset({ folder: pathOf("data"), pictures: 12, listed: 2, perShard: 12, side: 320 })
    planted = made.planted.length
    writeFileSync(pathOf("list.csv"), made.listCsv)
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("reports a missing workspace, and what to do", async () => {
    const ran = await nightlight("scan", pathOf("data"))
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("(workspace_missing)")
    expect(ran.err).toContain("nightlight init")
  })

  it("init --yes makes a workspace that only its owner can enter", { timeout: 3 * MINUTE_MS }, async () => {
    const ran = await nightlight("init", "--yes", "--json")
    expect(ran.exit).toBe(0)
    expect(oneObject(ran)).toMatchObject({ workspace: pathOf("workspace"), custodySeparated: false })
    expect(statSync(pathOf("workspace")).mode & 0o777).toBe(0o700)
    const modes = readdirSync(pathOf("workspace", "keys"))
      .filter((name) => name !== "signing.pem.pub" && statSync(pathOf("workspace", "keys", name)).isFile())
      .map((name) => statSync(pathOf("workspace", "keys", name)).mode & 0o777)
    expect(new Set(modes)).toEqual(new Set([0o600]))
  })

  it("init refuses a folder that is a workspace already", async () => {
    expect(await nightlight("init", "--yes")).toMatchObject({ exit: 2 })
  })

  it("scan without a real list is unscreened and writes no copy", async () => {
    const ran = await nightlight("scan", pathOf("data"), "--out", pathOf("early"), "--json")
    expect(ran.exit).toBe(3)
    expect(oneObject(ran)).toMatchObject({ screened: false, inPlace: { items: 0 } })
    expect(readdirSync(folder)).not.toContain("early")
  })

  it("lists import names bad lines by number and never prints a hash", async () => {
    const text = readFileSync(pathOf("list.csv"), "utf8")
    writeFileSync(pathOf("dirty.csv"), `${text}not-a-hash,md5,generated-shapes\n`)
    const ran = await nightlight("lists", "import", pathOf("dirty.csv"), "--name", "ours", "--trust", "trusted")
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain("ours version 1 is live")
    expect(ran.out).toContain(`line ${text.split("\n").length}: hash_malformed`)
    expect(ran.out + ran.err).not.toMatch(/[0-9a-f]{32}/)
  })

  it("lists ls and show print facts about the lists, never their entries", async () => {
    const listed = await nightlight("lists", "ls", "--json")
    expect(oneObject(listed)).toMatchObject({
      lists: [{ name: "nightlight-test-cards" }, { name: "ours", trust: "trusted" }],
    })
    const shown = await nightlight("lists", "show", "ours")
    expect(shown.exit).toBe(0)
    expect(shown.out).toContain("trusted")
    expect(await nightlight("lists", "show", "theirs")).toMatchObject({ exit: 2 })
  })

  it("doctor reports the workspace as ready, with no check missing", async () => {
    const ran = await nightlight("doctor", "--json")
    const { checks, ready } = oneObject(ran) as { checks: { name: string; state: string }[]; ready: boolean }
    expect(ready).toBe(true)
    expect(checks.filter(({ state }) => state === "missing")).toEqual([])
    expect(checks.find(({ name }) => name === "lists")).toMatchObject({ state: "ok" })
  })

  it("scan --dry-run reports what it would do and does nothing", async () => {
    const ran = await nightlight("scan", pathOf("data"), "--out", pathOf("clean"), "--dry-run", "--json")
    expect(ran.exit).toBe(0)
    expect(oneObject(ran)).toMatchObject({ screened: true, kinds: { tar: 2 } })
    expect(readdirSync(folder)).not.toContain("clean")
  })

  it("scan withholds every planted copy and nothing else", async () => {
    const ran = await nightlight("scan", pathOf("data"), "--out", pathOf("clean"), "--fail-on", "review", "--json")
    expect(ran.exit).toBe(1)
    expect(oneObject(ran)).toMatchObject({
      screened: true,
      withheldSamples: planted,
      decisions: { quarantine: 2, review: planted - 2, inconclusive: 0 },
      clean: { samplesDropped: planted },
      inPlace: { items: planted },
    })
    expect(readdirSync(pathOf("clean"))).toEqual(["000000.tar", "000001.tar"])
  })

  it("scan ends with 10 when a named shard is missing, and screens the others", async () => {
    const ran = await nightlight("scan", pathOf("data", "{000000..000002}.tar"), "--json")
    expect(ran.exit).toBe(10)
    expect(oneObject(ran)).toMatchObject({ skipped: { missing: 1 }, totals: { shards: 2 } })
  })

  it("a repeated scan does nothing new and prints the same", async () => {
    const again = await nightlight("scan", pathOf("data"), "--out", pathOf("clean"), "--json")
    expect(again.exit).toBe(0)
    expect(oneObject(again)).toMatchObject({ scan: "s-000002", withheldSamples: planted })
  })

  it("the summary fits in 80 columns", async () => {
    const { out } = await nightlight("scan", pathOf("data"), "--out", pathOf("clean"))
    const long = out.split("\n").filter((line) => line.length > 80 && !line.includes(folder))
    expect(long).toEqual([])
  })

  it("hunt finds the items of the new list in the unscreened scan, once", async () => {
    const first = oneObject(await nightlight("hunt", "s-000001", "--json")) as { scans: { items: number }[] }
    expect(first.scans[0]?.items).toBeGreaterThan(0)
    const second = oneObject(await nightlight("hunt", "s-000001", "--json")) as { scans: { items: number }[] }
    expect(second.scans[0]?.items).toBe(0)
  })

  it("policy explain shows why a finding was decided as it was", async () => {
    const findings = readdirSync(pathOf("workspace", "scans", "s-000002", "findings"))
      .flatMap((name) => readFileSync(pathOf("workspace", "scans", "s-000002", "findings", name), "utf8").split("\n"))
      .filter((line) => line !== "")
    const { id, rule } = JSON.parse(findings[0] ?? "{}") as { id: string; rule: string }
    const ran = await nightlight("policy", "explain", id.slice(0, 12))
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain(`by ${rule}`)
  })

  it("policy check and test pass for the policy that init wrote", async () => {
    expect(await nightlight("policy", "check")).toMatchObject({ exit: 0 })
    expect(oneObject(await nightlight("policy", "test", "--json"))).toMatchObject({ failed: 0 })
  })

  it("evidence verify opens everything and keys drill proves both keys", { timeout: 3 * MINUTE_MS }, async () => {
    expect(oneObject(await nightlight("evidence", "verify", "--json"))).toMatchObject({
      checked: planted,
      sound: planted,
    })
    expect(oneObject(await nightlight("keys", "drill", "--json"))).toMatchObject({ proven: true })
    expect(oneObject(await nightlight("evidence", "ls", "--json"))).toHaveProperty("evidence.length", planted)
  })

  it("evidence verify and keys rewrap read the passphrase from a file, and then refuse one in the environment", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const file = pathOf("passphrase")
    writeFileSync(file, `${env.NIGHTLIGHT_PASSPHRASE}\n`, { mode: 0o600 })
    const given = ["--passphrase-file", file, "--json"]
    for (const command of [
      ["evidence", "verify"],
      ["keys", "rewrap"],
    ]) {
      const argv = ["--workspace", pathOf("workspace"), ...command, ...given]
      expect(await runCommand(argv)).toMatchObject({ exit: 0 })
      expect(await runCommand(argv, { env })).toMatchObject({ exit: 2, err: expect.stringContaining("env -u") })
    }
    chmodSync(file, 0o644)
    const open = await runCommand(["--workspace", pathOf("workspace"), "evidence", "verify", ...given])
    expect(open).toMatchObject({ exit: 4, err: expect.stringContaining("can be used by other users") })
  })

  it("evidence verify with a wrong passphrase opens nothing", async () => {
    const ran = await runCommand(["--workspace", pathOf("workspace"), "evidence", "verify"], {
      env: { NIGHTLIGHT_PASSPHRASE: "another horse battery" },
    })
    expect(ran).toMatchObject({ exit: 2, out: "" })
    expect(ran.err).toContain("(passphrase_wrong)")
  })

  it("lists false-positive ignores one entry for one item, and never an exact match", async () => {
    const folderOf = (scan: string) => pathOf("workspace", "scans", scan, "findings")
    const findings = readdirSync(folderOf("s-000002"))
      .flatMap((name) => readFileSync(join(folderOf("s-000002"), name), "utf8").split("\n"))
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as { id: string; decision: string })
    const near = findings.find(({ decision }) => decision === "review")?.id ?? ""
    const exact = findings.find(({ decision }) => decision === "quarantine")?.id ?? ""
    expect(await nightlight("lists", "false-positive", near)).toMatchObject({ exit: 2 })
    expect(await nightlight("lists", "false-positive", exact, "--reason", "looked at")).toMatchObject({ exit: 2 })
    expect(await nightlight("lists", "false-positive", near, "--reason", "looked at")).toMatchObject({ exit: 0 })
    // The finished scan no longer answers for what was recorded since.
    expect(await nightlight("scan", pathOf("data"), "--out", pathOf("clean"))).toMatchObject({ exit: 2 })
    const without = await nightlight("scan", pathOf("data"), "--out", pathOf("clean-1"), "--json")
    expect(oneObject(without)).toMatchObject({ withheldSamples: planted - 1 })
    expect(await nightlight("lists", "false-positive", near, "--undo")).toMatchObject({ exit: 0 })
  })

  it("purge needs a legal basis for items that are not sealed, and then removes them", async () => {
    expect(await nightlight("purge", "s-000002")).toMatchObject({ exit: 2 })
    const ran = await nightlight("purge", "s-000002", "--basis", "order 1", "--include-review", "--json")
    expect(oneObject(ran)).toMatchObject({ itemsRemoved: planted, samplesRemoved: planted, gone: 0 })
    const after = await nightlight("scan", pathOf("data"), "--out", pathOf("clean-2"), "--json")
    expect(oneObject(after)).toMatchObject({ withheldSamples: 0, inPlace: { items: 0 } })
  })

  it("lists withdraw takes the entries of a file out of a list, once it was seen what that means", async () => {
    const [heading = "", first = ""] = readFileSync(pathOf("list.csv"), "utf8").split("\n")
    writeFileSync(pathOf("gone.csv"), `${heading}\n${first}\n`)
    const withdraw = (name: string, ...more: string[]) =>
      nightlight("lists", "withdraw", pathOf("gone.csv"), "--name", name, ...more)
    const { version } = oneObject(await nightlight("lists", "show", "ours", "--json"))
    expect(oneObject(await withdraw("ours", "--dry-run", "--json"))).toMatchObject({
      summary: { version, changed: false, withdrawn: 1, absent: 0 },
    })
    const ran = await withdraw("ours")
    expect(ran).toMatchObject({ exit: 0 })
    expect(ran.out).toContain(`1 entry withdrawn: ours version ${Number(version) + 1}`)
    expect((await withdraw("ours")).out).toContain("ours is unchanged")
    expect(await withdraw("theirs")).toMatchObject({ exit: 2 })
  })

  it("audit verify accepts the log, and names an event that was edited", async () => {
    expect(oneObject(await nightlight("audit", "verify", "--json"))).toMatchObject({ ok: true })
    const [segment = ""] = readdirSync(pathOf("workspace", "audit")).filter(
      (name) => name.endsWith(".ndjson") && /\d/.test(name),
    )
    const path = pathOf("workspace", "audit", segment)
    const lines = readFileSync(path, "utf8").split("\n")
    lines[2] = (lines[2] ?? "").replace(/"actor":"[a-z]+"/, '"actor":"nobody"')
    writeFileSync(path, lines.join("\n"))
    const ran = await nightlight("audit", "verify")
    expect(ran.exit).toBe(4)
    expect(ran.out).toContain("Event 3 was edited")
  })
})
