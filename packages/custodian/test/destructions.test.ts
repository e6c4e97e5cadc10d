import { existsSync } from "node:fs"
import { copyFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import { DestructionReceipt, type ProvenGrant } from "@nightlight/contract/custodian"
import { DAY_MS, MINUTE_MS } from "@nightlight/core"
import { destroyGrant, enrolKeepers } from "@nightlight/dev-env/custodian/destruction"
import {
  accepted,
  enrolReporters,
  filer,
  filingGrant,
  giveCredentials,
  hostsOf,
  startTipline,
} from "@nightlight/dev-env/custodian/filing"
import { PASSPHRASE, type SealedItem, sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, get, makePerson, type Person, post } from "@nightlight/dev-env/custodian/people"
import { spawnSite, untilJournaled } from "@nightlight/dev-env/custodian/process"
import { journalOf, refusalsOf, type Served, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import { checkDocument } from "@nightlight/durable"
import { sealedPath, toVerifier } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { createCustodianClient } from "../src/index.ts"

const START = new Date("2026-06-01T12:00:00.000Z")
const content = (seed: string) => Buffer.from(`a harmless text of a test: ${seed}`)

interface Installation extends Served {
  readonly cora: Person
  readonly kim: Person
  readonly item: SealedItem
  readonly time: ReturnType<typeof turnableTime>
  readonly destroy: (proven: ProvenGrant) => ReturnType<typeof post>
  readonly isThere: (evidenceId?: string) => boolean
}

async function makeInstallation(config: Readonly<Record<string, unknown>> = {}): Promise<Installation> {
  const time = turnableTime(START)
  const site = await serveSite({ config, time: time.sources })
  const [cora, kim] = await enrolKeepers(site.socket)
  const item = await site.seal({ evidenceId: "item-1", content: content("1") })
  return {
    ...site,
    cora,
    kim,
    item,
    time,
    destroy: (proven) => post(site.socket, "/v1/destructions", { proven }),
    isThere: (evidenceId = "item-1") => existsSync(sealedPath(site.evidence, evidenceId)),
  }
}

const proven = ({ cora, kim, item, time }: Installation, given: Parameters<typeof destroyGrant>[2] = {}) =>
  destroyGrant([cora, kim], [item], { now: time.now(), ...given })

describe("a destruction that two people prove", () => {
  it("removes the sealed file, and gives a receipt that the custodian signed", async () => {
    const installation = await makeInstallation()
    const grant = await proven(installation)
    const { status, body } = await installation.destroy(grant)
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        basis: "law-enforcement-request",
        people: ["cora", "kim"],
        evidence: [{ ...installation.item, file: "removed" }],
      },
    })
    expect(installation.isThere()).toBe(false)
    const { journalKey = "" } = await createCustodianClient(installation.socket).state()
    const receipt = DestructionReceipt.parse(body)
    expect(checkDocument(receipt, receipt.format, toVerifier(journalKey))).toBeDefined()
    expect((await journalOf(installation.dir)).map(({ type }) => type).slice(-3)).toEqual([
      "destruction.piece",
      "grant.used",
      "destruction.done",
    ])
  })

  it("has the same receipt however often it is requested, also after a restart", async () => {
    const installation = await makeInstallation()
    const grant = await proven(installation)
    const first = await installation.destroy(grant)
    expect(await installation.destroy(grant)).toEqual(first)
    await installation.restart()
    expect(await installation.destroy(grant)).toEqual(first)
    expect(await journalOf(installation.dir, "grant.used")).toHaveLength(1)
    const known = { ...installation.item, basis: "law-enforcement-request", orderId: grant.grant.grantId }
    expect(await get(installation.socket, "/v1/destructions")).toMatchObject({ body: { destructions: [known] } })
  })

  const refused: readonly [string, (installation: Installation) => Promise<ProvenGrant>, string][] = [
    [
      "of one person",
      (installation) => destroyGrant([installation.cora], [installation.item], { now: START }),
      "proofs-missing",
    ],
    [
      "of one person twice",
      (installation) => destroyGrant([installation.cora, installation.cora], [installation.item], { now: START }),
      "proofs-missing",
    ],
    [
      "approved under the name of somebody else",
      async (installation) =>
        destroyGrant([installation.cora, { id: "kim", key: installation.cora.key }], [installation.item], {
          now: START,
        }),
      "signature-wrong",
    ],
    [
      "whose second signed it as one who asks",
      (installation) => proven(installation, { steps: ["request", "request"] }),
      "signature-wrong",
    ],
    [
      "of somebody who was never enrolled",
      async (installation) =>
        destroyGrant([installation.cora, await makePerson("eve")], [installation.item], { now: START }),
      "not-enrolled",
    ],
    [
      "of somebody who was revoked",
      async (installation) => {
        const grant = await proven(installation)
        await createCustodianClient(installation.socket).revoke(PASSPHRASE, "kim")
        return grant
      },
      "not-enrolled",
    ],
    [
      "of a reviewer",
      async (installation) => {
        const ann = await enrol(installation.socket, "ann", ["reviewer", "approver"])
        return destroyGrant([installation.cora, ann], [installation.item], { now: START })
      },
      "role-missing",
    ],
    [
      "that was signed as another approval",
      (installation) => proven(installation, { kind: "evidence.export" }),
      "signature-wrong",
    ],
    [
      "that was signed for another case",
      (installation) => proven(installation, { signs: { caseId: "case-2" } }),
      "signature-wrong",
    ],
    [
      "that was signed for another sealed file",
      (installation) => proven(installation, { signs: { evidence: [{ ...installation.item, evidenceId: "item-2" }] } }),
      "signature-wrong",
    ],
    [
      "that was signed on another basis",
      (installation) => proven(installation, { signs: { basis: "order" } }),
      "signature-wrong",
    ],
    [
      "that names no request",
      async (installation) => {
        const { grant, ...rest } = await proven(installation)
        const { request: _request, ...without } = grant as Extract<typeof grant, { purpose: "destroy" }>
        return { ...rest, grant: without }
      },
      "malformed",
    ],
    [
      "that has expired",
      async (installation) => {
        const grant = await proven(installation)
        installation.time.pass(14 * DAY_MS)
        return grant
      },
      "expired",
    ],
    [
      "that would be good for longer than two weeks",
      (installation) =>
        proven(installation, { change: { expiresAt: new Date(START.getTime() + 15 * DAY_MS).toISOString() } }),
      "valid-too-long",
    ],
    [
      "for a file of another digest than lies there",
      (installation) =>
        proven(installation, { change: { evidence: [{ ...installation.item, ciphertextSha256: sha256("other") }] } }),
      "other-evidence",
    ],
    [
      "for the same piece twice",
      (installation) => proven(installation, { change: { evidence: [installation.item, installation.item] } }),
      "malformed",
    ],
  ]
  it.each(refused)("is refused when it is one %s, and the file stays", async (_name, make, reason) => {
    const installation = await makeInstallation()
    expect(await installation.destroy(await make(installation))).toMatchObject({ body: { reason } })
    expect(await refusalsOf(installation.dir)).toEqual([reason])
    expect(installation.isThere()).toBe(true)
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
  })

  it("is refused under the id of a grant that was used, with other evidence in it", async () => {
    const installation = await makeInstallation()
    const other = await installation.seal({ evidenceId: "item-2", content: content("2") })
    const first = await proven(installation)
    await installation.destroy(first)
    const again = await proven(installation, { change: { grantId: first.grant.grantId, evidence: [other] } })
    expect(await installation.destroy(again)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(installation.isThere("item-2")).toBe(true)
  })

  it("is refused for the grant of a viewing or a disclosure, and a viewing for this grant", async () => {
    const installation = await makeInstallation()
    const grant = await proven(installation)
    expect(await post(installation.socket, "/v1/viewings", grant)).toMatchObject({ body: { reason: "other-purpose" } })
    expect(await post(installation.socket, "/v1/disclosures", grant)).toMatchObject({
      body: { reason: "other-purpose" },
    })
    expect(installation.isThere()).toBe(true)
  })

  it("stops at the approver's hourly cap", async () => {
    const installation = await makeInstallation({ caps: { destroy: { perPerson: 1, total: 10 } } })
    const other = await installation.seal({ evidenceId: "item-2", content: content("2") })
    expect(await installation.destroy(await proven(installation))).toMatchObject({ status: 200 })
    const more = await destroyGrant([installation.cora, installation.kim], [other], { now: START })
    expect(await installation.destroy(more)).toMatchObject({ status: 403, body: { reason: "hourly-cap" } })
    expect(installation.isThere("item-2")).toBe(true)
  })
})

describe("evidence that the custodian filed itself", () => {
  async function makeFiled() {
    const tipline = await startTipline("production")
    const { hosts } = hostsOf(tipline)
    const production = { enabled: true, baseUrl: hosts.test.baseUrl }
    const installation = await makeInstallation({ hosts: { production, answerMs: 20_000 } })
    await giveCredentials(installation, "production")
    const reporters = await enrolReporters(installation.socket)
    // cora is counsel to both.
    const cora = reporters[1] ?? installation.cora
    const details = { originalFileName: "harmless.txt" }
    const file = async () => {
      const files = [{ evidence: installation.item, details }]
      const grant = await filingGrant(reporters, { files, environment: "production", now: installation.time.now() })
      const report = filer(() => installation.socket, grant)
      accepted(await report.open())
      return async () => {
        const { fileId = "" } = accepted(await report.upload("item-1"))
        accepted(await report.describe("item-1", { fileId, details }))
        accepted(await report.finish())
      }
    }
    const clear = (evidence: readonly SealedItem[] = [installation.item], orderId = "certificate-1") =>
      post(installation.socket, "/v1/destructions", {
        cleared: { orderId, caseId: "case-1", basis: "cleared", evidence },
      })
    return { ...installation, cora, file, clear }
  }

  it("is not cleared within its year, under its own name, another's, or while it is being filed", async () => {
    const installation = await makeFiled()
    const finish = await installation.file()
    expect(await installation.clear()).toMatchObject({ status: 409, body: { reason: "being-filed" } })
    await finish()
    expect(await installation.clear()).toMatchObject({ status: 403, body: { reason: "filed-within-year" } })
    await copyFile(join(installation.evidence, "it", "item-1.age"), join(installation.evidence, "it", "item-9.age"))
    const renamed = [{ ...installation.item, evidenceId: "item-9" }]
    expect(await installation.clear(renamed, "certificate-2")).toMatchObject({ body: { reason: "filed-within-year" } })
    installation.time.pass(364 * DAY_MS)
    expect(await installation.clear()).toMatchObject({ body: { reason: "filed-within-year" } })
    expect(installation.isThere()).toBe(true)
    expect(
      await installation.destroy(await proven(installation, { now: installation.time.now(), change: expiredBasis() })),
    ).toMatchObject({
      body: { reason: "filed-within-year" },
    })
    installation.time.pass(2 * DAY_MS)
    expect(
      await installation.destroy(await proven(installation, { now: installation.time.now(), change: expiredBasis() })),
    ).toMatchObject({
      status: 200,
    })
    expect(installation.isThere()).toBe(false)
  })

  it("is destroyed within its year on a request that two people prove", async () => {
    const installation = await makeFiled()
    await (await installation.file())()
    expect(await installation.destroy(await proven(installation, { now: installation.time.now() }))).toMatchObject({
      status: 200,
    })
    expect(installation.isThere()).toBe(false)
  })

  it("does not prevent clearing what it never filed, once and without people", async () => {
    const installation = await makeFiled()
    const first = await installation.clear()
    expect(first).toMatchObject({ status: 200, body: { basis: "cleared", people: [] } })
    expect(await installation.clear()).toEqual(first)
    const other = await installation.seal({ evidenceId: "item-2", content: content("2") })
    expect(await installation.clear([other])).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(installation.isThere("item-2")).toBe(true)
  })
})

/** The grant of what has lain for its year names no request. */
function expiredBasis() {
  return { basis: "expired", request: undefined } as unknown as { basis: "expired" }
}

it("a custodian that is killed at any step of a destruction destroys once, under one receipt", {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const site = await spawnSite()
  const keepers = await enrolKeepers(site.socket())
  for (const [place, event] of ["destruction.piece", "grant.used", "destruction.done"].entries()) {
    const items = await Promise.all(
      [1, 2, 3].map((seed) => site.seal({ evidenceId: `item-${place}-${seed}`, content: content(`${place}${seed}`) })),
    )
    const grant = await destroyGrant(keepers, items)
    const asked = post(site.socket(), "/v1/destructions", { proven: grant }).catch(() => undefined)
    await untilJournaled(site.dir, event)
    await site.kill()
    await asked
    await site.start()
    const { status, body } = await post(site.socket(), "/v1/destructions", { proven: grant })
    expect(status).toBe(200)
    expect(await post(site.socket(), "/v1/destructions", { proven: grant })).toMatchObject({ body: body as object })
    const mine = (await journalOf(site.dir)).filter(({ data }) => data["orderId"] === grant.grant.grantId)
    expect(mine.filter(({ type }) => type === "destruction.done")).toHaveLength(3)
    for (const { evidenceId } of items) {
      await expect(readFile(sealedPath(site.evidence, evidenceId))).rejects.toMatchObject({ code: "ENOENT" })
    }
  }
})
