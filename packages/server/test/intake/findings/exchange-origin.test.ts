import { PUSHED_FINDING_FORMAT } from "@nightlight/contract/server"
import { makePusher, type Sealed } from "@nightlight/dev-env/server/intake-site"
import { signDocument } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { accountKey } from "../../../src/intake/findings/ingest-batch.ts"
import { usePushingSource } from "../../support/pushing-source.ts"

const pushing = usePushingSource({ namesAccounts: true })

const ACCOUNT = "canary-account-7"

/** Pushes an item of an exchange and lets the worker run. */
async function bring(by: { source: string; key: string }, exchange: { account?: { id: string } }, sealed: Sealed) {
  const body = { format: PUSHED_FINDING_FORMAT, source: by.source, finding: sealed.finding, exchange }
  const answer = await pushing.installation.push(
    by.key,
    `${JSON.stringify(signDocument(body as never, pushing.pusher.signer))}\n`,
  )
  await pushing.installation.upload(by.key, sealed.row.evidenceId, sealed.ciphertext)
  await pushing.installation.work()
  return { answer, row: (await pushing.installation.rows()).find((row) => row.finding_id === sealed.finding.id) }
}

describe("an item of an exchange", () => {
  it("belongs to the account that a source names which may name accounts, as its screenings do", async () => {
    const sealed = await pushing.pusher.seal({ content: pushing.known, provenance: { account: ACCOUNT } })
    const { answer, row } = await bring(pushing, { account: { id: ACCOUNT } }, sealed)
    expect(answer.body).toMatchObject({ accepted: 1, refused: 0 })
    const key = accountKey(pushing.site.digests, pushing.source, ACCOUNT)
    expect(row).toMatchObject({ origin: "account", account_key: key, state: "verified", notes: [] })
    const again = await pushing.pusher.seal({ content: pushing.known, provenance: { account: ACCOUNT } })
    const second = await bring(pushing, { account: { id: ACCOUNT } }, again)
    expect(second.row?.case_id).toBe(row?.case_id)
    expect(JSON.stringify(await pushing.installation.rows())).not.toContain(ACCOUNT)
  })

  it("names nobody by the word of a source that may not, and is kept all the same", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const by = await pushing.installation.enrol(other, false)
    const sealed = await other.seal({ content: pushing.known, provenance: { account: ACCOUNT } })
    const body = {
      format: PUSHED_FINDING_FORMAT,
      source: by.source,
      finding: sealed.finding,
      exchange: { account: { id: ACCOUNT } },
    }
    await pushing.installation.push(by.key, `${JSON.stringify(signDocument(body as never, other.signer))}\n`)
    await pushing.installation.upload(by.key, sealed.row.evidenceId, sealed.ciphertext)
    await pushing.installation.work()
    const row = (await pushing.installation.rows()).find(({ finding_id }) => finding_id === sealed.finding.id)
    expect(row).toMatchObject({ origin: "direct", account_key: null, state: "verified", notes: ["account-not-taken"] })
  })

  it("is no dataset's item where no account is named", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const by = await pushing.installation.enrol(other, true)
    const sealed = await other.seal({ content: pushing.known })
    const body = { format: PUSHED_FINDING_FORMAT, source: by.source, finding: sealed.finding, exchange: {} }
    await pushing.installation.push(by.key, `${JSON.stringify(signDocument(body as never, other.signer))}\n`)
    const row = (await pushing.installation.rows()).find(({ finding_id }) => finding_id === sealed.finding.id)
    expect(row).toMatchObject({ origin: "direct", account_key: null, notes: [] })
  })

  it("is refused where its account was put in after it was signed", async () => {
    await using other = await makePusher(pushing.site.manifest, pushing.site.clock, pushing.site.fingerprint)
    const by = await pushing.installation.enrol(other, true)
    const sealed = await other.seal({ content: pushing.known })
    const signed = other.sign(by.source, sealed.finding)
    const { body } = await pushing.installation.push(
      by.key,
      JSON.stringify({ ...signed, exchange: { account: { id: ACCOUNT } } }),
    )
    expect(body.lines).toEqual([{ line: 1, status: "refused", code: "signature_wrong" }])
  })
})
