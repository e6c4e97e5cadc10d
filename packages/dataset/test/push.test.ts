import { readdirSync, rmSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { createServer as createHttpServer, type IncomingMessage } from "node:http"
import { connect, createServer, type Socket } from "node:net"
import { join } from "node:path"
import { PUSHED_FINDING_FORMAT } from "@nightlight/contract/server"
import { MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { changedJpeg, digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { noSignal, plainTar, type TemporaryFolder, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { configure, importRecords } from "@nightlight/dev-env/dataset/workspaces"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { KILLS_LIMIT_MS, killAtEveryStep } from "@nightlight/dev-env/machine/kill-at-every-step"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import { type IntakeSite, makeFinding, makeIntakeSite, makePusher } from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { activeRecipients, generateIdentity, headersFor, recipientOf } from "@nightlight/vault"
import { readAuditEvents } from "@nightlight/vault/audit"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  initWorkspace,
  openSourceSigner,
  openWorkspace,
  pushScan,
  readPublicKey,
  rewrapEvidence,
  rotateRecipient,
  rotateSourceKey,
  type Workspace,
} from "../src/index.ts"
import { nightlight } from "./support/in-process.ts"
import { listen } from "./support/listen.ts"
import { runScript } from "./support/run-command.ts"

const db = useDatabase()
const LISTED = 9001
const KILLED = new URL("support/kill-command.ts", import.meta.url).pathname
let site: IntakeSite
let installation: Installation
let server: string
let proxyPort: number
let folder: TemporaryFolder
let root: string
let workspace: Workspace
let source: string
let keyFile: string
let recovery: string

beforeAll(async () => {
  site = await makeIntakeSite()
  await site.importListOf(await listOf(LISTED))
  const port = await freePort()
  proxyPort = await freePort()
  installation = await makeInstallation(site, db, { ports: [port, proxyPort] })
  await installation.app.listen({ port, host: "127.0.0.1" })
  server = `http://127.0.0.1:${port}`

  folder = temporaryFolder()
  root = join(folder.path, "workspace")
  recovery = await generateIdentity()
  await initWorkspace(root, {
    custody: "seal",
    basis: "a test's own reasons",
    // The recipient that `nightlight custodian status` prints on the server.
    custodians: [site.manifest.recipients[0]!.recipient],
    recovery: await recipientOf(recovery),
  })
  configure(root, "processes: 0 ", "processes: 1 ")
  workspace = await openWorkspace(root)
  await importRecords(workspace, await listOf(LISTED))
  const enrolled = await installation.enrol({ publicKey: await readPublicKey(workspace) })
  source = enrolled.source
  keyFile = folder.write("server.key", `${enrolled.key}\n`)
  const { chmodSync } = await import("node:fs")
  chmodSync(keyFile, 0o600)
  const turned = await changedJpeg(LISTED, "mirrored")
  writeFiles(join(folder.path, "data"), {
    "000000.tar": plainTar({ "a.jpg": await jpeg(LISTED), "a.json": '{"url":"https://pictures.example/a.jpg"}' }),
    "000001.tar": plainTar({ "b.jpg": turned, "c.jpg": await jpeg(1), "broken.jpg": turned.subarray(0, 400) }),
  })
})
afterAll(async () => {
  await installation?.close()
  folder?.[Symbol.dispose]()
  await site?.[Symbol.asyncDispose]()
})

const rows = async () => (await installation.rows()).filter((row) => row.source_id === source)
const states = async () => (await rows()).map(({ state }) => state).sort()

describe("pushing a scan", () => {
  it("reports an unusable address or key at once, before anything is screened", async () => {
    const scanData = (...args: string[]) => nightlight(root, "scan", join(folder.path, "data"), ...args)
    expect(await scanData("--server", "http://nightlight.example")).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/https/),
    })
    expect(await scanData("--server", `${server}/path`, "--key-file", keyFile)).toMatchObject({ exit: 2 })
    expect(await scanData("--server", server)).toMatchObject({
      exit: 2,
      err: expect.stringMatching(/NIGHTLIGHT_SERVER_KEY/),
    })
    expect(await scanData("--key-file", keyFile)).toMatchObject({ exit: 2 })
    const open = folder.write("open.key", "key")
    expect(await scanData("--server", server, "--key-file", open)).toMatchObject({ exit: 4 })
  })

  it("keeps the scan and exits 10 when the server cannot be reached; push continues from there", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const gone = `http://127.0.0.1:${await freePort()}`
    const scanned = await nightlight(root, "scan", join(folder.path, "data"), "--server", gone, "--key-file", keyFile)
    expect(scanned).toMatchObject({ exit: 10, err: expect.stringMatching(/cannot be reached/) })
    expect(scanned.out).toMatch(/Report/)
    expect(await rows()).toEqual([])

    const pushed = await nightlight(root, "push", "s-000001", "--server", server, "--key-file", keyFile, "--json")
    expect(pushed.exit).toBe(0)
    expect(JSON.parse(pushed.out)).toMatchObject({ source, refused: {}, withheld: {}, uploaded: 2 })
    await installation.work()
    expect(await states()).toEqual(["kept", "verified", "verified"])
  })

  it("reports what was screened, without paths, together with the results for the findings", async () => {
    const { scans } = await installation.scans.list(aPerson("auditor"), { source, limit: 10 })
    expect(scans).toMatchObject([{ scan: "s-000001", state: "complete", totals: { shards: 2, items: 5 } }])
    const shown = await installation.scans.get(aPerson("auditor"), scans[0]!.scanId)
    expect(shown).toMatchObject({
      report: {
        inputs: 1,
        inPlace: { items: 2, shards: 2 },
        coverage: { lists: [{ name: "known" }, { trust: "test" }] },
      },
      findings: { total: 3, byState: { verified: 2, kept: 1 } },
      caseCount: 2,
    })
    expect(JSON.stringify(shown)).not.toMatch(new RegExp(`${folder.path}|\\.tar|\\.jpg|pictures\\.example`))
  })

  it("succeeds with a server that does not accept scans yet, and reports that", async () => {
    const textOf = async ({ url = "/", method, headers }: IncomingMessage): Promise<string> => {
      if (method === "POST") return JSON.stringify({ accepted: 0, known: 3, refused: 0, lines: [] })
      return (await fetch(new URL(url, server), { headers: { authorization: headers.authorization ?? "" } })).text()
    }
    const old = createHttpServer((request, answer) => {
      if (request.url?.startsWith("/v1/scans") === true) {
        answer.writeHead(404, { "content-type": "application/problem+json" }).end('{"type":"not_found","status":404}')
      } else void textOf(request).then((text) => answer.end(text))
    })
    const address = `http://127.0.0.1:${await listen(old)}`
    const result = await nightlight(root, "push", "s-000001", "--server", address, "--key-file", keyFile)
    expect(result).toMatchObject({ exit: 0, out: expect.stringMatching(/does not accept scans/) })
    old.close()
  })

  it("changes nothing when it is repeated, by scan or by push", async () => {
    const again = await nightlight(root, "scan", join(folder.path, "data"), "--server", server, "--key-file", keyFile)
    expect(again).toMatchObject({ exit: 0, out: expect.stringMatching(/0 new to the server/) })
    expect(await states()).toEqual(["kept", "verified", "verified"])
    expect(installation.queued).toEqual([])
  })

  it("succeeds over a connection that breaks repeatedly, with one row for each finding", async () => {
    const fresh = await enrolledAgain()
    let cuts = 5
    const upstream = new URL(server)
    const proxy = createServer((near: Socket) => {
      const far = connect(Number(upstream.port), "127.0.0.1")
      near.on("error", () => undefined).on("close", () => far.destroy())
      far.on("error", () => near.destroy())
      if (cuts-- > 0) near.once("data", (head) => far.write(head.subarray(0, head.length / 2), () => near.destroy()))
      else near.pipe(far).pipe(near)
    })
    await new Promise<void>((resolve) => proxy.listen(proxyPort, "127.0.0.1", resolve))
    const report = await pushScan(
      workspace,
      { scan: "s-000001", server: `http://127.0.0.1:${proxyPort}`, key: fresh.key, retry: { tries: 12, delayMs: 1 } },
      {},
      noSignal,
    )
    proxy.close()
    expect(cuts).toBeLessThanOrEqual(0)
    expect(report).toMatchObject({ findings: 3, refused: {}, uploaded: 2 })
    expect((await installation.rows()).filter((row) => row.source_id === fresh.source)).toHaveLength(3)
  })

  it("sends its key to no other address: a redirect is refused", async () => {
    const seen: (string | undefined)[] = []
    const elsewhere = createHttpServer(({ headers }, answer) => {
      seen.push(headers.authorization)
      answer.end("{}")
    })
    const elsewherePort = await listen(elsewhere)
    const lying = createHttpServer((_request, answer) => {
      answer.writeHead(307, { location: `http://127.0.0.1:${elsewherePort}/v1/source` }).end()
    })
    const result = await nightlight(
      root,
      "push",
      "s-000001",
      "--server",
      `http://127.0.0.1:${await listen(lying)}`,
      "--key-file",
      keyFile,
    )
    expect(result).toMatchObject({ exit: 2, err: expect.stringMatching(/redirects the call/) })
    expect(seen).toEqual([])
    elsewhere.close()
    lying.close()
  })

  it("refuses a key whose source has another public key", async () => {
    const { makePusher } = await import("@nightlight/dev-env/server/intake-site")
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const theirs = await installation.enrol(other)
    const push = pushScan(workspace, { scan: "s-000001", server, key: theirs.key }, {}, noSignal)
    await expect(push).rejects.toMatchObject({ code: "state_conflict" })
    await expect(
      pushScan(workspace, { scan: "s-000009", server, key: theirs.key }, {}, noSignal),
    ).rejects.toMatchObject({
      code: "not_found",
    })
    await expect(pushScan(workspace, { scan: "s-000001", server, key: "nobody" }, {}, noSignal)).rejects.toMatchObject({
      code: "unauthenticated",
    })
  })

  it("reports hunts and purges with the next push, so that the server's count of items in place is correct again", async () => {
    const fresh = await enrolledAgain()
    writeFileSync(keyFile, fresh.key, { mode: 0o600 })
    const tell = () => nightlight(root, "push", "s-000001", "--server", server, "--key-file", keyFile)
    const shown = async () => {
      const { scans } = await installation.scans.list(aPerson("auditor"), { source: fresh.source, limit: 10 })
      return (await installation.scans.get(aPerson("auditor"), scans[0]!.scanId))!
    }
    expect((await tell()).exit).toBe(0)
    expect(await shown()).toMatchObject({ inPlace: { items: 2, reportKind: "scan" }, followUps: [] })
    const known = [...(await listOf(LISTED)), digestRecord(await jpeg(1), "sha256")]
    await importRecords(workspace, known)
    expect((await nightlight(root, "hunt")).exit).toBe(0)
    expect(await tell()).toMatchObject({ exit: 0, out: expect.stringMatching(/1 hunt and 0 purges reported, 1 new/) })
    expect(await shown()).toMatchObject({
      inPlace: { items: 3, reportKind: "hunt", complete: true },
      followUps: [{ kind: "hunt", name: "h-000001", items: 1, unfinished: false }],
    })
    expect((await nightlight(root, "purge", "s-000001")).exit).toBe(0)
    expect(await tell()).toMatchObject({ exit: 0, out: expect.stringMatching(/1 hunt and 1 purge reported, 1 new/) })
    const { inPlace, followUps } = await shown()
    // The mirrored copy only asked a person, and what the hunt found was not among what the scan knew.
    expect(inPlace).toMatchObject({ items: 2, reportKind: "purge", shards: 1 })
    expect(followUps).toMatchObject([
      { kind: "purge", name: "p-000001", items: 1, inPlace: { items: 2 } },
      { kind: "hunt" },
    ])
    expect(JSON.stringify(followUps)).not.toMatch(new RegExp(`${folder.path}|\\.tar|\\.jpg`))
  })

  it("sends sealed files that were rewrapped since the scan, and the server accepts them", async () => {
    const fresh = await enrolledAgain()
    // The server lost what it had: it would take no other file under the same id.
    for (const name of readdirSync(site.evidenceDir, { recursive: true, encoding: "utf8" })) {
      if (/\.(age|json)$/.test(name)) rmSync(join(site.evidenceDir, name))
    }
    const now = await openWorkspace(root)
    await rotateRecipient(now, { role: "recovery", recipient: await recipientOf(await generateIdentity()) })
    const rewrapped = await rewrapEvidence(
      now,
      ({ manifest }) =>
        headersFor(
          [recovery],
          activeRecipients(manifest).map(({ recipient }) => recipient),
        ),
      { signal: noSignal },
    )
    expect(rewrapped).toMatchObject({ failed: [] })
    const report = await pushScan(await openWorkspace(root), { scan: "s-000001", server, key: fresh.key }, {}, noSignal)
    expect(report).toMatchObject({ findings: 3, refused: {}, withheld: {}, uploaded: 2 })
    // Pushed again, nothing is wanted once more.
    const again = await pushScan(await openWorkspace(root), { scan: "s-000001", server, key: fresh.key }, {}, noSignal)
    expect(again).toMatchObject({ known: 3, uploaded: 0 })
  })

  it("reports which sealed files it could not send, and exits 4", async () => {
    const fresh = await enrolledAgain()
    writeFileSync(keyFile, fresh.key, { mode: 0o600 })
    const names = readdirSync(join(root, "evidence"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".age"),
    )
    rmSync(join(root, "evidence", names[0]!))
    const result = await nightlight(root, "push", "s-000001", "--server", server, "--key-file", keyFile)
    expect(result).toMatchObject({ exit: 4, out: expect.stringMatching(/1 sealed file not sent: missing/) })
  })

  it("has a command that prints the public key to enrol", async () => {
    const { exit, out } = await nightlight(root, "source", "show", "--json")
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toEqual({ keyId: workspace.signer.keyId, publicKey: await readPublicKey(workspace) })
  })
})

describe("the key that a server knows a workspace by", () => {
  const rotation = (...more: readonly string[]) => ["keys", "rotate", "source", "--json", ...more] as const
  const rotations = async (of: string) =>
    (await installation.events({ subject: of, types: ["source.rotated"] })).map(({ data }) => data)

  it("is rotated together with a server and not without one", async () => {
    expect(await nightlight(root, ...rotation())).toMatchObject({ exit: 2, err: expect.stringMatching(/--server/) })
    const gone = `http://127.0.0.1:${await freePort()}`
    const away = rotateSourceKey(workspace, { server: gone, key: "a-key", retry: { tries: 1, delayMs: 1 } }, noSignal)
    await expect(away).rejects.toMatchObject({
      code: "unavailable",
      hint: expect.stringContaining("keys rotate source continues"),
    })
    // The old key signs on, and another source's key rotates nothing.
    expect((await openSourceSigner(workspace.layout)).keyId).toBe(workspace.signer.keyId)
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const { key, source: another } = await installation.enrol(other)
    await expect(rotateSourceKey(workspace, { server, key }, noSignal)).rejects.toMatchObject({
      code: "state_conflict",
    })
    expect(await rotations(another)).toEqual([])
  })

  it("is rotated once by calls that are killed at any step, and what was found before is pushed by the new one", {
    timeout: KILLS_LIMIT_MS,
  }, async () => {
    const fresh = await enrolledAgain()
    writeFileSync(keyFile, fresh.key, { mode: 0o600 })
    const args = ["--workspace", root, ...rotation("--server", server, "--key-file", keyFile)]
    const { end: told } = await killAtEveryStep({
      stride: 17,
      run: (killAt) => runScript(KILLED, args, { env: { ...process.env, NIGHTLIGHT_TEST_KILL_AT: String(killAt) } }),
      // One that is killed behind its last word has said it.
      wasKilled: ({ out }) => out === "",
      check: async ({ out, signal, err }) => {
        if (out === "") expect(signal, err).toBe("SIGKILL")
      },
    })
    const { keyId } = await openSourceSigner(workspace.layout)
    const replaces = workspace.signer.keyId
    expect(JSON.parse(told.out)).toMatchObject({ source: fresh.source, keyId, replaces })
    expect(await rotations(fresh.source)).toMatchObject([{ key: keyId, replaces }])
    const own: object[] = []
    for await (const { type, data } of readAuditEvents(workspace.layout.audit)) {
      if (type === "source.rotated") own.push(data)
    }
    expect(own).toMatchObject([{ source: fresh.source, key: keyId, replaces }])
    const shown = await nightlight(root, "source", "show", "--json")
    expect(JSON.parse(shown.out)).toEqual({ keyId, publicKey: await readPublicKey(workspace) })

    const report = await pushScan(await openWorkspace(root), { scan: "s-000001", server, key: fresh.key }, {}, noSignal)
    expect(report).toMatchObject({ findings: 3, accepted: 3, refused: {}, report: "accepted" })
    const [row] = (await installation.rows()).filter((one) => one.source_id === fresh.source)
    const finding = makeFinding({ id: row!.finding_id })
    const body = { format: PUSHED_FINDING_FORMAT, source: fresh.source, finding: finding as never }
    const stolen = await installation.push(fresh.key, JSON.stringify(signDocument(body, workspace.signer)))
    expect(stolen.body.lines).toMatchObject([{ code: "key_replaced" }])
    const alarms = await installation.alarms.list(true)
    expect(alarms.find(({ subject }) => subject === fresh.source)).toMatchObject({ code: "old-key-used", times: 1 })
  })

  it("is rotated again by a call after the last rotation was reported", async () => {
    const before = await openSourceSigner(workspace.layout)
    // A killed one may not have told.
    await rm(join(workspace.layout.keys, ".source-rotation"), { force: true })
    const again = await nightlight(root, ...rotation("--server", server, "--key-file", keyFile))
    expect(again, again.err).toMatchObject({ exit: 0 })
    const { keyId } = await openSourceSigner(workspace.layout)
    expect(JSON.parse(again.out)).toMatchObject({ keyId, replaces: before.keyId, resumed: false })
    const status = await nightlight(root, "keys", "status", "--json")
    expect(JSON.parse(status.out)).toMatchObject({
      signing: { keyId: workspace.signer.keyId },
      source: { keyId, ageDays: 0 },
    })
  })

  it("stays the same when the workspace's signing key is rotated, and can be rotated afterwards", async () => {
    const before = await openSourceSigner(workspace.layout)
    expect((await nightlight(root, "keys", "rotate", "signing")).exit).toBe(0)
    expect((await openSourceSigner(workspace.layout)).keyId).toBe(before.keyId)
    const push = ["push", "s-000001", "--server", server, "--key-file", keyFile, "--json"] as const
    expect(JSON.parse((await nightlight(root, ...push)).out)).toMatchObject({ known: 3, refused: {} })
    const turned = await nightlight(root, ...rotation("--server", server, "--key-file", keyFile))
    expect(JSON.parse(turned.out)).toMatchObject({ replaces: before.keyId, resumed: false })
    expect(JSON.parse((await nightlight(root, ...push)).out)).toMatchObject({ known: 3, refused: {} })
  })
})

/** Ends this workspace's source and enrols it anew: the server knows nothing of it then. */
async function enrolledAgain() {
  const { aPerson } = await import("@nightlight/dev-env/server/cases")
  const live = (await installation.sources.list()).filter(
    ({ keyId, revokedAt }) => keyId === workspace.signer.keyId && revokedAt === undefined,
  )
  for (const one of live) await installation.sources.revoke(aPerson("administrator"), one.source)
  return installation.enrol({ publicKey: await readPublicKey(workspace) })
}
