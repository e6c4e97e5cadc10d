import { createHash, randomBytes } from "node:crypto"
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { hasCode, MINUTE_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import { importRecords } from "@nightlight/dev-env/dataset/workspaces"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { asKey, type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import { type IntakeSite, makeIntakeSite, picture } from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { generateIdentity, openSigner, publicKeyPath, recipientOf } from "@nightlight/vault"
import { Client } from "pg"
import sharp from "sharp"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { pushScan } from "../../../../dataset/src/push/push-scan.ts"
import { runScan } from "../../../../dataset/src/scan/run-scan.ts"
import { initWorkspace } from "../../../../dataset/src/workspace/init.ts"
import { openWorkspace } from "../../../../dataset/src/workspace/open.ts"

/** Harmless, and nowhere else in the world. */
const CANARY = `canary-${randomBytes(6).toString("hex")}`
const PORT = await freePort()
const db = useDatabase()
let site: IntakeSite
let installation: Installation
let pusherDir: string
let known: Uint8Array

beforeAll(async () => {
  site = await makeIntakeSite()
  known = await sharp(await picture(1))
    .withExif({ IFD0: { ImageDescription: CANARY } })
    .jpeg()
    .toBuffer()
  await site.importListOf(await site.recordsOf(known))
  installation = await makeInstallation(site, db, { ports: [PORT] })
  pusherDir = await mkdtemp(join(tmpdir(), "nl-canary-"))
})
afterAll(async () => {
  await installation?.close()
  await rm(pusherDir, { recursive: true, force: true })
  await site?.[Symbol.asyncDispose]()
})

describe("a canary in name, URL, caption, EXIF, zip member, account and text", () => {
  it("is found in no file of the data folder, the database, its WAL, the temporary folder or the log", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    const root = join(pusherDir, "workspace")
    await initWorkspace(root, {
      custody: "seal",
      basis: "a test's own reasons",
      custodians: [site.manifest.recipients[0]!.recipient],
      recovery: await recipientOf(await generateIdentity()),
    })
    const workspace = await openWorkspace(root)
    await importRecords(workspace, await site.recordsOf(known))
    const members = {
      [`${CANARY}.jpg`]: known,
      [`${CANARY}.json`]: JSON.stringify({ url: `https://${CANARY}.example/${CANARY}.jpg`, caption: CANARY }),
      [`${CANARY}.txt`]: CANARY,
    }
    const packed = await zip(Object.entries(members).map(([name, content]) => ({ name, content })))
    writeFiles(join(pusherDir, "data"), { "000000.tar": plainTar(members), "000001.zip": packed, ...members })
    const scanned = await runScan(workspace, { inputs: [join(pusherDir, "data")] }, {}, AbortSignal.timeout(60_000))
    expect(scanned.report.inPlace.items).toBeGreaterThanOrEqual(3)

    await installation.app.listen({ port: PORT, host: "127.0.0.1" })
    const { key } = await installation.enrol(
      { publicKey: await readFile(publicKeyPath(join(root, "keys", "signing.pem")), "utf8") },
      true,
    )
    const report = await pushScan(
      workspace,
      { scan: scanned.report.scan, server: `http://127.0.0.1:${PORT}`, key },
      {},
      AbortSignal.timeout(60_000),
    )
    expect(report).toMatchObject({ refused: {}, withheld: {}, uploaded: 3 })
    const calls = [
      { kind: "image", base64: Buffer.from(known).toString("base64"), account: { id: CANARY } },
      { kind: "text", text: CANARY },
      { kind: "text", text: "", account: CANARY },
    ]
    const statuses: number[] = []
    for (const payload of calls) {
      const headers = { ...asKey(key), "idempotency-key": CANARY }
      statuses.push((await installation.app.inject({ method: "POST", url: "/v1/screen", headers, payload })).statusCode)
    }
    statuses.push((await installation.push(key, `{"${CANARY}": "${CANARY}"}\n${CANARY}\n`)).status)
    statuses.push((await installation.app.inject({ url: `/v1/${CANARY}?${CANARY}`, headers: asKey(key) })).statusCode)
    expect(statuses).toEqual([200, 409, 400, 200, 404])
    // A source that signs a canary where ids belong: what it says is kept sealed.
    const signer = await openSigner(join(root, "keys", "signing.pem"))
    const { finding } = (await firstFinding(root)) as { finding: Record<string, unknown> }
    const own = await installation.app.inject({ url: "/v1/source", headers: asKey(key) })
    const loud = {
      ...finding,
      id: "ab".repeat(32),
      shard: CANARY,
      rule: CANARY,
      mediaType: CANARY,
      scan: CANARY,
      cause: CANARY,
    }
    const line = signDocument(
      { format: "nightlight-pushed-finding/1", source: own.json().source, finding: loud as never },
      signer,
    )
    expect((await installation.push(key, JSON.stringify(line))).body).toMatchObject({ accepted: 1 })
    await installation.work()
    expect((await installation.rows()).filter(({ state }) => state === "verified").length).toBeGreaterThanOrEqual(4)
    installation.app.server.closeAllConnections()

    const superuser = new Client(db.superuser)
    await superuser.connect()
    await superuser.query("CHECKPOINT")
    const { rows } = await superuser.query<{ data_directory: string }>("SHOW data_directory")
    await superuser.end()
    const places = [site.dir, rows[0]!.data_directory]
    const hits: string[] = []
    let searched = 0
    for (const place of places) {
      for (const path of await filesBelow(place)) {
        const bytes = await readFile(path).catch(() => Buffer.alloc(0))
        searched += bytes.length
        for (const form of FORMS) if (bytes.includes(form)) hits.push(path)
      }
    }
    expect(hits).toEqual([])
    expect(searched).toBeGreaterThan(10_000_000)
    expect(installation.log.join("")).not.toContain(CANARY)
    expect(installation.log.length).toBeGreaterThan(3)
  })

  it("would be found: the search sees it where it was written", async () => {
    const place = join(site.dir, "control")
    await mkdir(place)
    await cp(join(pusherDir, "data"), place, { recursive: true })
    const found: string[] = []
    for (const path of await filesBelow(place)) {
      const bytes = await readFile(path)
      if (FORMS.some((form) => bytes.includes(form))) found.push(path)
    }
    expect(found.length).toBeGreaterThan(3)
  })
})

const digest = createHash("sha256").update(CANARY).digest("hex")
/** As text, and as what a careless encoder makes of it. */
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString("hex"),
  Buffer.from(CANARY).toString("base64").slice(0, 20),
  digest,
].map((form) => Buffer.from(form))

/** Files below a folder; a folder that is gone meanwhile, such as another test's database, has none. */
async function filesBelow(dir: string): Promise<readonly string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    if (hasCode(error, "ENOENT")) return []
    throw error
  })
  const below = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory()) return filesBelow(path)
    return entry.isFile() ? [path] : []
  })
  return (await Promise.all(below)).flat()
}

async function firstFinding(root: string): Promise<{ readonly finding: unknown }> {
  const folder = join(root, "scans", "s-000001", "findings")
  for (const name of await readdir(folder)) {
    const [line] = (await readFile(join(folder, name), "utf8")).split("\n")
    if (line !== undefined && line !== "") return { finding: JSON.parse(line) }
  }
  throw new Error("expected a finding")
}
