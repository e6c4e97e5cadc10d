import { existsSync } from "node:fs"
import { copyFile, readFile } from "node:fs/promises"
import { join } from "node:path"
import { DestructionReceipt, type ProvenGrant } from "@nightlight/contract/custodian"
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
import { toVerifier } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { createCustodianClient } from "../src/index.ts"

const START = new Date("2026-06-01T12:00:00.000Z")
const DAY_MS = 24 * 3_600_000
const content = (seed: string) => Buffer.from(`a harmless text of a test: ${seed}`)

interface House extends Served {
  readonly cora: Person
  readonly kim: Person
  readonly item: SealedItem
  readonly time: ReturnType<typeof turnableTime>
  readonly destroy: (proven: ProvenGrant) => ReturnType<typeof post>
  readonly isThere: (evidenceId?: string) => boolean
}

async function makeHouse(config: Readonly<Record<string, unknown>> = {}): Promise<House> {
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
    isThere: (evidenceId = "item-1") => existsSync(join(site.evidence, `${evidenceId}.age`)),
  }
}

const proven = ({ cora, kim, item, time }: House, given: Parameters<typeof destroyGrant>[2] = {}) =>
  destroyGrant([cora, kim], [item], { now: time.now(), ...given })

describe("a destruction that two people prove", () => {
  it("removes the sealed file, and gives a receipt that the custodian signed", async () => {
    const house = await makeHouse()
    const grant = await proven(house)
    const { status, body } = await house.destroy(grant)
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        basis: "law-enforcement-request",
        people: ["cora", "kim"],
        evidence: [{ ...house.item, file: "removed" }],
      },
    })
    expect(house.isThere()).toBe(false)
    const { journalKey = "" } = await createCustodianClient(house.socket).state()
    const receipt = DestructionReceipt.parse(body)
    expect(checkDocument(receipt, receipt.format, toVerifier(journalKey))).toBeDefined()
    expect((await journalOf(house.dir)).map(({ type }) => type).slice(-3)).toEqual([
      "destruction.piece",
      "grant.used",
      "destruction.done",
    ])
  })

  it("has the same receipt however often it is asked for, also after a restart", async () => {
    const house = await makeHouse()
    const grant = await proven(house)
    const first = await house.destroy(grant)
    expect(await house.destroy(grant)).toEqual(first)
    await house.restart()
    expect(await house.destroy(grant)).toEqual(first)
    expect(await journalOf(house.dir, "grant.used")).toHaveLength(1)
    const known = { ...house.item, basis: "law-enforcement-request", orderId: grant.grant.grantId }
    expect(await get(house.socket, "/v1/destructions")).toMatchObject({ body: { destructions: [known] } })
  })

  const refused: readonly [string, (house: House) => Promise<ProvenGrant>, string][] = [
    ["of one person", (house) => destroyGrant([house.cora], [house.item], { now: START }), "proofs-missing"],
    [
      "of one person twice",
      (house) => destroyGrant([house.cora, house.cora], [house.item], { now: START }),
      "proofs-missing",
    ],
    [
      "approved under the name of somebody else",
      async (house) => destroyGrant([house.cora, { id: "kim", key: house.cora.key }], [house.item], { now: START }),
      "signature-wrong",
    ],
    [
      "whose second signed it as one who asks",
      (house) => proven(house, { steps: ["request", "request"] }),
      "signature-wrong",
    ],
    [
      "of somebody who was never enrolled",
      async (house) => destroyGrant([house.cora, await makePerson("eve")], [house.item], { now: START }),
      "not-enrolled",
    ],
    [
      "of somebody who was revoked",
      async (house) => {
        const grant = await proven(house)
        await createCustodianClient(house.socket).revoke(PASSPHRASE, "kim")
        return grant
      },
      "not-enrolled",
    ],
    [
      "of a reviewer",
      async (house) => {
        const ann = await enrol(house.socket, "ann", ["reviewer", "approver"])
        return destroyGrant([house.cora, ann], [house.item], { now: START })
      },
      "role-missing",
    ],
    ["that was signed as another approval", (house) => proven(house, { kind: "evidence.export" }), "signature-wrong"],
    ["that was signed for another case", (house) => proven(house, { signs: { caseId: "case-2" } }), "signature-wrong"],
    [
      "that was signed for another sealed file",
      (house) => proven(house, { signs: { evidence: [{ ...house.item, evidenceId: "item-2" }] } }),
      "signature-wrong",
    ],
    ["that was signed on another basis", (house) => proven(house, { signs: { basis: "order" } }), "signature-wrong"],
    [
      "that names no request",
      async (house) => {
        const { grant, ...rest } = await proven(house)
        const { request: _request, ...without } = grant as Extract<typeof grant, { purpose: "destroy" }>
        return { ...rest, grant: without }
      },
      "malformed",
    ],
    [
      "that has expired",
      async (house) => {
        const grant = await proven(house)
        house.time.pass(14 * DAY_MS)
        return grant
      },
      "expired",
    ],
    [
      "that would be good for longer than two weeks",
      (house) => proven(house, { change: { expiresAt: new Date(START.getTime() + 15 * DAY_MS).toISOString() } }),
      "valid-too-long",
    ],
    [
      "for a file of another digest than lies there",
      (house) => proven(house, { change: { evidence: [{ ...house.item, ciphertextSha256: sha256("other") }] } }),
      "other-evidence",
    ],
    [
      "for the same piece twice",
      (house) => proven(house, { change: { evidence: [house.item, house.item] } }),
      "malformed",
    ],
  ]
  it.each(refused)("is refused when it is one %s, and the file stays", async (_name, make, reason) => {
    const house = await makeHouse()
    expect(await house.destroy(await make(house))).toMatchObject({ body: { reason } })
    expect(await refusalsOf(house.dir)).toEqual([reason])
    expect(house.isThere()).toBe(true)
    expect(await journalOf(house.dir, "grant.used")).toEqual([])
  })

  it("is refused under the id of a grant that was used, with other evidence in it", async () => {
    const house = await makeHouse()
    const other = await house.seal({ evidenceId: "item-2", content: content("2") })
    const first = await proven(house)
    await house.destroy(first)
    const again = await proven(house, { change: { grantId: first.grant.grantId, evidence: [other] } })
    expect(await house.destroy(again)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(house.isThere("item-2")).toBe(true)
  })

  it("is refused for the grant of a look or a disclosure, and a look for this grant", async () => {
    const house = await makeHouse()
    const grant = await proven(house)
    expect(await post(house.socket, "/v1/viewings", grant)).toMatchObject({ body: { reason: "other-purpose" } })
    expect(await post(house.socket, "/v1/disclosures", grant)).toMatchObject({ body: { reason: "other-purpose" } })
    expect(house.isThere()).toBe(true)
  })

  it("stops at the hour's cap of whoever approves", async () => {
    const house = await makeHouse({ caps: { destroy: { perPerson: 1, total: 10 } } })
    const other = await house.seal({ evidenceId: "item-2", content: content("2") })
    expect(await house.destroy(await proven(house))).toMatchObject({ status: 200 })
    const more = await destroyGrant([house.cora, house.kim], [other], { now: START })
    expect(await house.destroy(more)).toMatchObject({ status: 403, body: { reason: "hourly-cap" } })
    expect(house.isThere("item-2")).toBe(true)
  })
})

describe("what the custodian filed itself", () => {
  async function makeFiled() {
    const tipline = await startTipline("production")
    const { hosts } = hostsOf(tipline)
    const production = { enabled: true, baseUrl: hosts.test.baseUrl }
    const house = await makeHouse({ hosts: { production, answerMs: 20_000 } })
    await giveCredentials(house, "production")
    const reporters = await enrolReporters(house.socket)
    // cora is counsel to both.
    const cora = reporters[1] ?? house.cora
    const details = { originalFileName: "harmless.txt" }
    const file = async () => {
      const files = [{ evidence: house.item, details }]
      const grant = await filingGrant(reporters, { files, environment: "production", now: house.time.now() })
      const report = filer(() => house.socket, grant)
      accepted(await report.open())
      return async () => {
        const { fileId = "" } = accepted(await report.upload("item-1"))
        accepted(await report.describe("item-1", { fileId, details }))
        accepted(await report.finish())
      }
    }
    const clear = (evidence: readonly SealedItem[] = [house.item], orderId = "certificate-1") =>
      post(house.socket, "/v1/destructions", { cleared: { orderId, caseId: "case-1", basis: "cleared", evidence } })
    return { ...house, cora, file, clear }
  }

  it("is not cleared within its year, under its own name, another's, or while it is being filed", async () => {
    const house = await makeFiled()
    const finish = await house.file()
    expect(await house.clear()).toMatchObject({ status: 409, body: { reason: "being-filed" } })
    await finish()
    expect(await house.clear()).toMatchObject({ status: 403, body: { reason: "filed-within-year" } })
    await copyFile(join(house.evidence, "item-1.age"), join(house.evidence, "item-9.age"))
    const renamed = [{ ...house.item, evidenceId: "item-9" }]
    expect(await house.clear(renamed, "certificate-2")).toMatchObject({ body: { reason: "filed-within-year" } })
    house.time.pass(364 * DAY_MS)
    expect(await house.clear()).toMatchObject({ body: { reason: "filed-within-year" } })
    expect(house.isThere()).toBe(true)
    expect(await house.destroy(await proven(house, { now: house.time.now(), change: expiredBasis() }))).toMatchObject({
      body: { reason: "filed-within-year" },
    })
    house.time.pass(2 * DAY_MS)
    expect(await house.destroy(await proven(house, { now: house.time.now(), change: expiredBasis() }))).toMatchObject({
      status: 200,
    })
    expect(house.isThere()).toBe(false)
  })

  it("is destroyed within its year on a request that two people prove", async () => {
    const house = await makeFiled()
    await (await house.file())()
    expect(await house.destroy(await proven(house, { now: house.time.now() }))).toMatchObject({ status: 200 })
    expect(house.isThere()).toBe(false)
  })

  it("does not stand in the way of what it never filed: that is cleared without people, once", async () => {
    const house = await makeFiled()
    const first = await house.clear()
    expect(first).toMatchObject({ status: 200, body: { basis: "cleared", people: [] } })
    expect(await house.clear()).toEqual(first)
    const other = await house.seal({ evidenceId: "item-2", content: content("2") })
    expect(await house.clear([other])).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(house.isThere("item-2")).toBe(true)
  })
})

/** The grant of what has lain for its year names no request. */
function expiredBasis() {
  return { basis: "expired", request: undefined } as unknown as { basis: "expired" }
}

it("a custodian that is killed at any step of a destruction destroys once, under one receipt", async () => {
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
      await expect(readFile(join(site.evidence, `${evidenceId}.age`))).rejects.toMatchObject({ code: "ENOENT" })
    }
  }
})
