import { PUSHED_FINDING_FORMAT } from "@nightlight/contract/server"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  makePusher,
  makeSite,
  type Pusher,
  picture,
  type Sealed,
  type Site,
} from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { accountKey } from "../../../src/intake/findings/ingest-batch.ts"

const db = useDatabase()
let site: Site
let installation: Installation
let guard: Pusher
let known: Uint8Array

beforeAll(async () => {
  site = await makeSite()
  known = await picture(1)
  await site.list(await site.recordsOf(known))
  installation = await makeInstallation(site, db)
  guard = await makePusher(site.manifest, site.clock, site.fingerprint)
})
afterAll(async () => {
  await installation?.close()
  await guard?.[Symbol.asyncDispose]()
  await site?.[Symbol.asyncDispose]()
})

const ACCOUNT = "canary-account-7"

/** Pushes an item of an exchange and lets the worker run. */
async function bring(by: { source: string; key: string }, exchange: { account?: { id: string } }, sealed: Sealed) {
  const body = { format: PUSHED_FINDING_FORMAT, source: by.source, finding: sealed.finding, exchange }
  const answer = await installation.push(by.key, `${JSON.stringify(signDocument(body as never, guard.signer))}\n`)
  await installation.upload(by.key, sealed.row.evidenceId, sealed.ciphertext)
  await installation.work()
  return { answer, row: (await installation.rows()).find((row) => row.finding_id === sealed.finding.id) }
}

describe("an item of an exchange", () => {
  it("belongs to the account that its source names, if the source may name accounts", async () => {
    const by = await installation.enrol(guard, true)
    const sealed = await guard.seal({ content: known, provenance: { account: ACCOUNT } })
    const { answer, row } = await bring(by, { account: { id: ACCOUNT } }, sealed)
    expect(answer.body).toMatchObject({ accepted: 1, refused: 0 })
    const key = accountKey(site.digests, by.source, ACCOUNT)
    expect(row).toMatchObject({ origin: "account", account_key: key, state: "taken", notes: [] })
    const again = await guard.seal({ content: known, provenance: { account: ACCOUNT } })
    const second = await bring(by, { account: { id: ACCOUNT } }, again)
    expect(second.row?.case_id).toBe(row?.case_id)
    expect(JSON.stringify(await installation.rows())).not.toContain(ACCOUNT)
  })

  it("is stored without the account if its source may not name accounts", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const by = await installation.enrol(other, false)
    const sealed = await other.seal({ content: known, provenance: { account: ACCOUNT } })
    const body = {
      format: PUSHED_FINDING_FORMAT,
      source: by.source,
      finding: sealed.finding,
      exchange: { account: { id: ACCOUNT } },
    }
    await installation.push(by.key, `${JSON.stringify(signDocument(body as never, other.signer))}\n`)
    await installation.upload(by.key, sealed.row.evidenceId, sealed.ciphertext)
    await installation.work()
    const row = (await installation.rows()).find(({ finding_id }) => finding_id === sealed.finding.id)
    expect(row).toMatchObject({ origin: "direct", account_key: null, state: "taken", notes: ["account-not-taken"] })
  })

  it("is not a dataset's item even without an account", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const by = await installation.enrol(other, true)
    const sealed = await other.seal({ content: known })
    const body = { format: PUSHED_FINDING_FORMAT, source: by.source, finding: sealed.finding, exchange: {} }
    await installation.push(by.key, `${JSON.stringify(signDocument(body as never, other.signer))}\n`)
    const row = (await installation.rows()).find(({ finding_id }) => finding_id === sealed.finding.id)
    expect(row).toMatchObject({ origin: "direct", account_key: null, notes: [] })
  })

  it("is refused where its account was put in after it was signed", async () => {
    await using other = await makePusher(site.manifest, site.clock, site.fingerprint)
    const by = await installation.enrol(other, true)
    const sealed = await other.seal({ content: known })
    const signed = other.sign(by.source, sealed.finding)
    const { body } = await installation.push(
      by.key,
      JSON.stringify({ ...signed, exchange: { account: { id: ACCOUNT } } }),
    )
    expect(body.lines).toEqual([{ line: 1, status: "refused", code: "signature_wrong" }])
  })
})
