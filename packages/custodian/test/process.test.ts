import { execFile } from "node:child_process"
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs"
import { writeFile } from "node:fs/promises"
import { connect } from "node:net"
import { dirname, join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import {
  accepted,
  enrolReporters,
  filer,
  filingGrant,
  giveCredentials,
  hostsOf,
  startTipline,
} from "@nightlight/dev-env/custodian/filing"
import { makeSite, PASSPHRASE, sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { enrol, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { spawnSite, writableFiles } from "@nightlight/dev-env/custodian/process"
import { journalOf, refusalsOf } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it, onTestFinished, vi } from "vitest"
import { createCustodianClient, initCustodian, startCustodian } from "../src/index.ts"

/** Every file below a folder, with its bytes. */
function filesBelow(dir: string): { path: string; bytes: Buffer }[] {
  return readdirSync(dir, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, bytes: readFileSync(path) }))
}

describe("the custodian's process", () => {
  it("listens on a socket that nobody else can reach, and on nothing else", async () => {
    const { socket, pid } = await spawnSite()
    expect(statSync(socket()).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(socket())).mode & 0o777).toBe(0o700)
    const inodes = new Set(
      readdirSync(`/proc/${pid()}/fd`).flatMap((fd) => {
        try {
          return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid()}/fd/${fd}`))?.[1] ?? []
        } catch {
          return []
        }
      }),
    )
    const tcp = ["tcp", "tcp6"].flatMap((kind) =>
      readFileSync(`/proc/${pid()}/net/${kind}`, "latin1").split("\n").slice(1),
    )
    expect(tcp.filter((line) => inodes.has(line.trim().split(/\s+/)[9] ?? ""))).toEqual([])
  })

  it("has nothing of its parent's environment, and leaves no core dump", async () => {
    vi.stubEnv("NIGHTLIGHT_PASSPHRASE", "not to be passed on")
    // Processes of tests have it: see vitest.config.ts.
    vi.stubEnv("NODE_COMPILE_CACHE", undefined)
    onTestFinished(() => void vi.unstubAllEnvs())
    const { pid } = await spawnSite()
    const names = readFileSync(`/proc/${pid()}/environ`, "latin1").split("\0").filter(Boolean)
    expect(new Set(names.map((pair) => pair.split("=")[0]))).toEqual(new Set(["LANG", "TZ", "PATH", "PWD"]))
    expect(readFileSync(`/proc/${pid()}/limits`, "latin1")).toMatch(/Max core file size\s+0\s+0/)
    expect(readFileSync(`/proc/${pid()}/cmdline`, "latin1")).not.toContain(PASSPHRASE)
  })

  it("starts locked without a passphrase or with a wrong one, and by its key file", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const site = await makeSite()
    const stateOf = async (passphrase?: string) => {
      await using started = await startCustodian(site.dir, passphrase === undefined ? {} : { passphrase })
      return (await createCustodianClient(started.socket).state()).state
    }
    expect(await stateOf()).toBe("locked")
    expect(await stateOf("a wrong passphrase")).toBe("locked")
    expect(await refusalsOf(site.dir)).toEqual(["passphrase_wrong"])
    const keyFile = join(site.root, "passphrase.txt")
    await writeFile(keyFile, `${PASSPHRASE}\n`, { mode: 0o600 })
    await site.configure({ keyFile })
    expect(await stateOf()).toBe("locked")
    {
      await using started = await startCustodian(site.dir)
      await createCustodianClient(started.socket).unlock(PASSPHRASE, true)
    }
    expect(await stateOf()).toBe("ready")
  })

  it("listens however deep its folder lies, where the way from it to the socket is short", async () => {
    const dir = join(await tempDir(), "deep".repeat(40), "custodian")
    await initCustodian(dir, { passphrase: PASSPHRASE, evidence: "evidence", workFactor: 10 })
    await using started = await startCustodian(dir)
    const before = process.cwd()
    onTestFinished(() => process.chdir(before))
    process.chdir(dir)
    expect(await createCustodianClient(started.socket).state()).toMatchObject({ state: "locked" })
  })

  it("does not run twice on one folder", { timeout: 3 * MINUTE_MS }, async () => {
    const { dir } = await spawnSite()
    await expect(startCustodian(dir)).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("locked"),
    })
  })

  it("reports what is wrong with its configuration, and starts nothing", async () => {
    const site = await makeSite()
    await writeFile(join(site.dir, "custodian.yaml"), "version: 1\nhosts: { production: { url: x } }\n")
    await expect(startCustodian(site.dir)).rejects.toMatchObject({ hint: expect.stringContaining("config_invalid") })
  })

  it("outlives a caller that hangs up, speaks no HTTP or sends no JSON", async () => {
    const { socket, dir } = await spawnSite()
    await new Promise<void>((resolve) => {
      const rude = connect(socket(), () => rude.end("canary-garbage\r\n\r\n"))
      rude.resume()
      rude.on("close", () => resolve())
      rude.on("error", () => resolve())
    })
    const answer = await new Promise<string>((resolve, reject) => {
      const args = ["--silent", "--unix-socket", socket(), "-d", "{canary-json", "-H", "content-type: application/json"]
      execFile("curl", [...args, "http://custodian/v1/viewings"], (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      )
    })
    expect(JSON.parse(answer)).toMatchObject({ type: "input_invalid", reason: "malformed" })
    expect(answer).not.toContain("canary")
    expect(await createCustodianClient(socket()).state()).toMatchObject({ state: "ready" })
    expect(await refusalsOf(dir)).toEqual(["malformed"])
  })
})

it("no content, context, credential or code is ever on its disk, in its journal or in what it prints", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const tipline = await startTipline()
  const site = await spawnSite(hostsOf(tipline))
  await giveCredentials(site)
  const reporters = await enrolReporters(site.socket())
  const ann = await enrol(site.socket(), "ann", ["reviewer"])
  const sue = await enrol(site.socket(), "sue", ["senior-reviewer"])
  const { code } = await createCustodianClient(site.socket()).invite(PASSPHRASE, "late", ["counsel"])
  const marked = Buffer.concat([await picture(), Buffer.from("canary-content-1234567890")])
  const context = { finding: "finding-item-1", sourceUrl: "https://canary-context.example" }
  const evidence = await site.seal({ evidenceId: "item-1", content: marked, context })

  const opened = new Set<string>()
  const polling = setInterval(() => {
    for (const path of writableFiles(site.pid())) opened.add(path)
  }, 1)
  onTestFinished(() => clearInterval(polling))
  for (const [people, purpose] of [
    [[ann], "derivative"],
    [[ann, sue], "original"],
  ] as const) {
    const { grant } = await viewingGrant(ann, evidence, { purpose })
    expect(await post(site.socket(), "/v1/viewings", await prove(grant, ...people))).toMatchObject({ status: 200 })
  }
  const intake = await post(site.socket(), "/v1/intake", { evidence, findingId: "finding-item-1" })
  expect(intake).toMatchObject({ body: { opens: true, context } })
  const details = { originalFileName: "canary-name.jpg" }
  const report = filer(site.socket, await filingGrant(reporters, { files: [{ evidence, details }] }))
  accepted(await report.open())
  const { fileId = "" } = accepted(await report.upload("item-1"))
  accepted(await report.describe("item-1", { fileId, details }))
  accepted(await report.finish())
  clearInterval(polling)

  // The sandbox's empty places for devices.
  const isMountPoint = (path: string) => path.startsWith("/newroot/dev/")
  const outside = [...opened].filter(
    (path) => !path.startsWith(site.dir) && !path.includes("(deleted)") && !isMountPoint(path),
  )
  expect(outside).toEqual([])
  const secrets = [
    "canary-content-1234567890",
    "canary-context",
    "canary-report",
    "canary-name",
    "a password of a test",
    PASSPHRASE,
    code,
    code.replaceAll("-", ""),
  ]
  const leaks = filesBelow(site.root).flatMap(({ path, bytes }) =>
    secrets.filter((secret) => bytes.includes(secret)).map((secret) => `${path}: ${secret}`),
  )
  expect(leaks).toEqual([])
  expect(JSON.stringify(await journalOf(site.dir))).not.toContain(sha256(marked))
})
