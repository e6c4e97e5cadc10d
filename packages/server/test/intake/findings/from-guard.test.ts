import { randomBytes } from "node:crypto"
import { mkdtemp, rm } from "node:fs/promises"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { SOURCE_HANDOVER } from "@nightlight/contract/server"
import type { Signer } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { pictureBlock, textBlock } from "@nightlight/dev-env/guard/events"
import { freePort } from "@nightlight/dev-env/machine/free-port"
import { asKey, type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type IntakeSite,
  makeIntakeSite,
  makePusher,
  type Pusher,
  picture,
} from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { signHandover, toKeyedDigest } from "@nightlight/vault"
import { afterAll, beforeAll, expect, it } from "vitest"
import { openIncidents } from "../../../../guard/src/incidents/open-incidents.ts"

const db = useDatabase()
let site: IntakeSite
let installation: Installation
let workspace: Pusher
let known: Uint8Array
let port: number

beforeAll(async () => {
  site = await makeIntakeSite()
  known = await picture(1)
  await site.importListOf(await site.recordsOf(known))
  port = await freePort()
  installation = await makeInstallation(site, db, { ports: [port] })
  workspace = await makePusher(site.manifest, site.clock, site.fingerprint)
})
afterAll(async () => {
  await installation?.close()
  await workspace?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

/** A guard's incidents, delivered to the service with a key and signed by whichever key is given. */
const openGuard = (dir: string, key: string, signer: () => Signer) =>
  openIncidents({
    evidenceDir: join(dir, "evidence"),
    spoolDir: join(dir, "items"),
    manifest: site.manifest,
    keyed: toKeyedDigest(randomBytes(32)),
    custody: { mode: "seal", basis: "a test's own reasons" },
    sourceKey: async () => {
      const present = signer()
      return { keyId: present.keyId, sign: (body) => signDocument(body, present) }
    },
    record: async () => {},
    limits: { maxRecords: 100, maxBytes: 100_000_000, perAccountDaily: 100, perKeyDaily: 100 },
    clock: site.clock,
    server: { url: new URL(`http://127.0.0.1:${port}`), key },
    onAlarm: () => {},
    retryMs: 10,
  })

const USER = { id: "canary-account-9" }

it("accepts what a guard kept while the server was away: the picture joins its account's case, the text is counted", async () => {
  const { key } = await installation.enrol(workspace, true)
  const dir = await mkdtemp(join(tmpdir(), "nl-from-guard-"))
  const incidents = await openGuard(dir, key, () => workspace.signer)
  const at = site.clock.now()
  const fingerprint = await site.fingerprint(known)
  expect(await incidents.block(pictureBlock(known, { at, user: USER, fingerprint }))).toBe("kept")
  expect(await incidents.block(textBlock("words", { at, user: USER }))).toBe("kept")
  await expect.poll(() => incidents.state().fault).toBe("server_unavailable")
  expect(incidents.state()).toMatchObject({ accepting: true, spooled: 2 })

  await installation.app.listen({ host: "127.0.0.1", port })
  expect((installation.app.server.address() as AddressInfo).port).toBe(port)
  await expect.poll(() => incidents.state(), { timeout: 30_000 }).toEqual({ accepting: true, spooled: 0 })
  await installation.work()
  const rows = await installation.rows()
  expect(rows).toHaveLength(2)
  expect(rows.find(({ claims_match }) => claims_match)).toMatchObject({
    origin: "account",
    state: "verified",
    notes: [],
  })
  expect(rows.find(({ claims_match }) => !claims_match)).toMatchObject({
    origin: "account",
    state: "kept",
    case_id: null,
  })
  expect(new Set(rows.map(({ account_key }) => account_key)).size).toBe(1)
  await incidents.close()
  await rm(dir, { recursive: true, force: true })
})

it("loses no item of a guard whose key is handed over while it runs: it signs them again", async () => {
  await using old = await makePusher(site.manifest, site.clock, site.fingerprint)
  await using next = await makePusher(site.manifest, site.clock, site.fingerprint)
  const { source, key } = await installation.enrol(old)
  const dir = await mkdtemp(join(tmpdir(), "nl-from-guard-"))
  let signer = old.signer
  const incidents = await openGuard(dir, key, () => signer)
  const at = site.clock.now()
  const delivered = () =>
    expect.poll(() => incidents.state(), { timeout: 30_000 }).toEqual({ accepting: true, spooled: 0 })
  await incidents.block(textBlock("before", { at, user: USER }))
  await delivered()
  const body = { source, publicKey: next.publicKey, at: at.toISOString() }
  const handover = signHandover(body, SOURCE_HANDOVER, old.signer, next.signer)
  const headers = asKey(key)
  await installation.app.inject({ method: "POST", url: "/v1/source/handover", headers, payload: handover })
  // The server has the new key, and the workspace has not put it in its place yet.
  await incidents.block(textBlock("meanwhile", { at, user: USER }))
  await expect.poll(() => incidents.state().fault).toBeDefined()
  expect(incidents.state()).toMatchObject({ accepting: true, spooled: 1 })
  signer = next.signer
  await delivered()
  expect((await installation.rows()).filter(({ source_id }) => source_id === source)).toHaveLength(2)
  await incidents.close()
  await rm(dir, { recursive: true, force: true })
})
