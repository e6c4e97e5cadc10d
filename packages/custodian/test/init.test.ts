import { chmod, chown, cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { PASSPHRASE, tempDir } from "@nightlight/dev-env/custodian/folders"
import { get, post } from "@nightlight/dev-env/custodian/people"
import { refusalsOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"
import { custodianLayout, initCustodian, parseConfig, setCredentials } from "../src/index.ts"
import { serve } from "../src/service/serve.ts"

const options = { passphrase: PASSPHRASE, evidence: "../evidence", workFactor: 10 }

describe("initCustodian", () => {
  it("makes a key, and a folder that nobody else can enter", async () => {
    const dir = join(await tempDir(), "custodian")
    const { recipient, config } = await initCustodian(dir, options)
    expect(recipient).toMatch(/^age1/)
    expect((await stat(dir)).mode & 0o777).toBe(0o700)
    expect((await stat(config)).mode & 0o777).toBe(0o600)
    await using serving = await serve(dir, { passphrase: PASSPHRASE })
    expect(await get(serving.socket, "/v1/state")).toMatchObject({ body: { state: "ready", enrolled: 0 } })
  })

  it("makes nothing where a custodian is, whatever its configuration looks like", async () => {
    const dir = join(await tempDir(), "custodian")
    const { config } = await initCustodian(dir, options)
    const identity = await readFile(custodianLayout(dir).identity, "utf8")
    for (const text of [await readFile(config, "utf8"), "damaged: ["]) {
      await writeFile(config, text)
      await expect(initCustodian(dir, options)).rejects.toMatchObject({ code: "state_conflict" })
    }
    expect(await readFile(custodianLayout(dir).identity, "utf8")).toBe(identity)
  })

  it("goes on after an interruption with the key it made", async () => {
    const dir = join(await tempDir(), "custodian")
    const { recipient, config } = await initCustodian(dir, options)
    await rm(config)
    await expect(initCustodian(dir, { ...options, passphrase: "another one" })).rejects.toMatchObject({
      code: "passphrase_wrong",
    })
    expect(await initCustodian(dir, options)).toMatchObject({ recipient })
  })

  it("takes no credentials that cannot be sent", async () => {
    const dir = join(await tempDir(), "custodian")
    await initCustodian(dir, options)
    for (const credentials of [
      { username: "", password: "x" },
      { username: "a:b", password: "x" },
      { username: "a", password: "" },
    ]) {
      await expect(setCredentials(dir, "test", credentials)).rejects.toMatchObject({ code: "input_invalid" })
    }
  })
})

describe("custodian.yaml", () => {
  const text = (more: string) => `version: 1\nevidence: e\nrecipient: age1x\n${more}\n`

  it("has the production host off, and two people for every report, unless it says otherwise", () => {
    const { hosts, singlePersonFiling } = parseConfig(text(""))
    expect(hosts.production.enabled).toBe(false)
    expect(singlePersonFiling).toBe(false)
  })

  it.each([
    ["an unknown key", "hots: {}"],
    ["a host that is no URL", "hosts: { test: { baseUrl: nowhere } }"],
    ["a blur that hides nothing", "sizes: { blurSigma: 0 }"],
    ["a rendition as large as the original", "sizes: { sidePx: 4000 }"],
    ["a key given twice", "singlePersonFiling: true\nsoleReporter: false"],
    ["an alias", "sizes: &a {}\ncaps: *a"],
  ])("is refused with %s", (_, more) => {
    expect(() => parseConfig(text(more))).toThrow(expect.objectContaining({ code: "config_invalid" }))
  })
})

describe("what a request brings along", () => {
  it.each([
    ["a report host", { baseUrl: "https://canary.example/ispws" }],
    ["an environment", { environment: "production" }],
  ])("is not taken: %s", async (_, more) => {
    const { socket, dir } = await serveSite()
    const answer = await post(socket, "/v1/filings/open", { proven: {}, document: {}, attempt: 1, ...more })
    expect(answer).toMatchObject({ status: 400, body: { reason: "malformed" } })
    expect(JSON.stringify(answer.body)).not.toContain("canary")
    expect(await refusalsOf(dir)).toEqual(["malformed"])
  })
})

describe.skipIf(process.getuid?.() !== 0)("where the system has users of their own for it", () => {
  it("custody is separated when another user seals, and shared when the same one does", async () => {
    const { socket, evidence } = await serveSite()
    expect(await get(socket, "/v1/state")).toMatchObject({ body: { custody: "shared" } })
    await chown(evidence, 1234, 1234)
    expect(await get(socket, "/v1/state")).toMatchObject({ body: { custody: "separated" } })
  })

  it("the socket is one group's", async () => {
    const { socket } = await serveSite({ config: { socketGroup: 1234 } })
    expect(await stat(socket)).toMatchObject({ gid: 1234 })
    expect((await stat(socket)).mode & 0o777).toBe(0o660)
    expect((await stat(dirname(socket))).mode & 0o777).toBe(0o710)
  })
})

describe("a custodian's folder that was restored from a backup", () => {
  it("is not started on where a copy of the journal's checkpoints is later", async () => {
    const root = await tempDir()
    const served = await serveSite({ config: { journalCopy: join(root, "copy.ndjson") } })
    await served.restart()
    await served.stop()
    await cp(served.dir, join(root, "backup"), { recursive: true })
    await served.restart()
    await served.stop()

    await rm(served.dir, { recursive: true })
    await mkdir(served.dir, { mode: 0o700 })
    await cp(join(root, "backup"), served.dir, { recursive: true })
    await chmod(served.dir, 0o700)
    await expect(serve(served.dir)).rejects.toMatchObject({ code: "audit_chain_broken" })
  })
})
