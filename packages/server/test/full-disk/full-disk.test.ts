import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { createDatabase, type TestDatabase } from "@nightlight/dev-env/database/postgres"
import { MAY_MOUNT, type SmallDisk, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type IntakeSite,
  makeFinding,
  makeIntakeSite,
  makePusher,
  type Pusher,
} from "@nightlight/dev-env/server/intake-site"
import { Client } from "pg"
import { describe, expect, it } from "vitest"
import { healthRoutes } from "../../src/oversight/health/routes.ts"
import { readHealth } from "../../src/oversight/health/state.ts"
import { createDiskSpace, type DiskSpace } from "../../src/platform/db/disk-space.ts"
import { toProblem } from "../../src/platform/http/problems.ts"
import { installQueue } from "../../src/platform/jobs/install.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog, testApp } from "../support/app.ts"

const RETRY_MS = 20

/** A disk that anybody may write to. */
function openDisk(megabytes: number): SmallDisk {
  const disk = smallDisk(megabytes)
  execFileSync("chmod", ["1777", disk.path])
  return disk
}

interface Full extends AsyncDisposable {
  readonly disk: SmallDisk
  readonly installation: Installation
  readonly pusher: Pusher
  readonly space: DiskSpace
  readonly site: IntakeSite
  readonly key: string
  readonly source: string
  readyz(): Promise<readonly [number, Readonly<Record<string, unknown>>]>
}

/** An intake whose database, or else whose evidence, lies on a small disk. */
async function openFull(what: "database" | "evidence"): Promise<Full> {
  const made = await createDatabase()
  const db = made as unknown as TestDatabase
  const disk = openDisk(200)
  const superuser = new Client({ ...made.superuser, database: "postgres" })
  await superuser.connect()
  const place = `small_${made.name}`
  if (what === "database") {
    mkdirSync(join(disk.path, "database"))
    await superuser.query(`CREATE TABLESPACE ${place} LOCATION '${join(disk.path, "database")}'`)
    await superuser.query(`ALTER DATABASE ${made.name} SET TABLESPACE ${place}`)
  }
  await installQueue(made.owner, [], createLog({ process: "test", destination: collectLog() }))
  const temporary = process.env["TMPDIR"]
  if (what === "evidence") process.env["TMPDIR"] = disk.path
  const site = await makeIntakeSite()
  if (temporary === undefined) delete process.env["TMPDIR"]
  else process.env["TMPDIR"] = temporary
  await site.importListOf(await site.recordsOf())
  const space = createDiskSpace({ db: made.database.kysely, folder: site.dir, retryMs: RETRY_MS })
  const installation = await makeInstallation(site, db, { disk: space })
  const pusher = await makePusher(site.manifest, site.clock, site.fingerprint)
  const { source, key } = await installation.enrol(pusher)
  const health = () =>
    readHealth({
      database: made.database,
      disk: space,
      config: { decoder: { withoutIsolation: "refuse" as const }, reports: { environment: "test" as const } },
      isolation: async () => "unshare" as const,
      paths: { custodianConfig: "/nowhere" },
      custodian: installation.custodian,
      index: { refresh: async () => undefined, state: () => ({ screens: true, version: 1 }) },
    })
  const probes = await testApp({ routes: (on) => healthRoutes(on, { health }) })
  return {
    disk,
    installation,
    pusher,
    space,
    site,
    key,
    source,
    readyz: async () => {
      const answer = await probes.inject("/readyz")
      return [answer.statusCode, answer.json()]
    },
    [Symbol.asyncDispose]: async () => {
      disk.empty()
      space.close()
      await probes.close()
      await installation.close()
      await pusher[Symbol.asyncDispose]()
      await site[Symbol.asyncDispose]()
      await made.drop()
      if (what === "database") await superuser.query(`DROP TABLESPACE ${place}`)
      await superuser.end()
      disk[Symbol.dispose]()
    },
  }
}

const why = MAY_MOUNT ? "" : " (skipped: this process may not mount a small disk)"

describe.skipIf(!MAY_MOUNT)(`a full disk${why}`, () => {
  it("of the database answers every write 507 and is not ready, with the reason, until there is room", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    await using full = await openFull("database")
    const { disk, installation, pusher, key, source } = full
    const lines = (from: number) =>
      Array.from({ length: 20 }, (_, index) =>
        pusher.line(source, makeFinding({ scan: `s-${String(from * 20 + index).padStart(6, "0")}` })),
      ).join("")
    expect((await installation.push(key, lines(0))).status).toBe(200)
    expect(await full.readyz()).toMatchObject([200, { status: "ready", disk: "ready" }])
    disk.fill(0)
    const answers: { readonly status: number; readonly body: object }[] = []
    for (let index = 1; index < 60; index++) answers.push(await installation.push(key, lines(index)))
    const refused = answers.filter(({ status }) => status !== 200)
    expect(refused.length).toBeGreaterThan(50)
    expect(refused.filter(({ status }) => status !== 507)).toEqual([])
    expect(refused.at(-1)?.body).toMatchObject({ type: "disk_full", retryAfterSeconds: 1 })
    expect(await full.readyz()).toMatchObject([503, { status: "not-ready", database: "ready", disk: "database" }])
    // Calls that only read are answered.
    const read = await installation.app.inject({
      url: "/v1/findings/received?scan=s-000001",
      headers: { host: "localhost", authorization: `Bearer ${key}` },
    })
    expect(read.statusCode).toBe(200)
    disk.empty()
    await expect.poll(async () => (await full.readyz())[0], { timeout: 20_000 }).toBe(200)
    expect((await installation.push(key, lines(100))).body).toMatchObject({ accepted: 20 })
  })

  it("of the evidence answers an upload 507 and is not ready, with the reason, until there is room", async () => {
    await using full = await openFull("evidence")
    const { disk, installation, pusher, key, source } = full
    const { finding, row, ciphertext } = await pusher.seal({ scan: "s-000900" })
    expect((await installation.push(key, pusher.line(source, finding))).status).toBe(200)
    disk.fill(0)
    expect(await installation.upload(key, row.evidenceId, ciphertext)).toMatchObject({
      status: 507,
      body: { type: "disk_full" },
    })
    expect(await full.readyz()).toMatchObject([503, { status: "not-ready", disk: "evidence" }])
    // The database has room: what needs no evidence goes on.
    expect((await installation.push(key, pusher.line(source, makeFinding({ scan: "s-000901" })))).status).toBe(200)
    disk.empty()
    expect(await full.readyz()).toMatchObject([200, { disk: "ready" }])
    expect((await installation.upload(key, row.evidenceId, ciphertext)).status).toBe(200)
  })
})

describe("an error of a full disk", () => {
  it.each(["53100", "ENOSPC", "EDQUOT"])("is a full disk whoever threw it: %s", (code) => {
    const error = Object.assign(new Error("canary"), { code })
    expect(toProblem(error)).toEqual({ type: "disk_full", title: "there is no space left", status: 507 })
  })
})
