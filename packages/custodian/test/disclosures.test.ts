import { DisclosureReceipt, type ProvenGrant } from "@nightlight/contract/custodian"
import { discloseGrant, enrolKeepers } from "@nightlight/dev-env/custodian/destruction"
import { PASSPHRASE } from "@nightlight/dev-env/custodian/folders"
import { type Person, post } from "@nightlight/dev-env/custodian/people"
import { journalOf, refusalsOf, serveSite } from "@nightlight/dev-env/custodian/serving"
import { checkDocument } from "@nightlight/durable"
import { toVerifier } from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import { createCustodianClient } from "../src/index.ts"

async function makeInstallation() {
  const site = await serveSite()
  const [cora, kim] = await enrolKeepers(site.socket)
  const item = await site.seal({ evidenceId: "item-1", content: Buffer.from("a harmless text of a test") })
  const ask = (proven: ProvenGrant) => post(site.socket, "/v1/disclosures", proven)
  return { ...site, cora, kim, item, ask }
}
type Installation = Awaited<ReturnType<typeof makeInstallation>>

describe("a disclosure", () => {
  it("that two people prove has one signed receipt, however often it is requested", async () => {
    const installation = await makeInstallation()
    const grant = await discloseGrant([installation.cora, installation.kim], [installation.item])
    const first = await installation.ask(grant)
    expect(first).toMatchObject({
      status: 200,
      body: { requestId: "request-1", kind: "custody-record", people: ["cora", "kim"] },
    })
    const receipt = DisclosureReceipt.parse(first.body)
    const { journalKey = "" } = await createCustodianClient(installation.socket).state()
    expect(checkDocument(receipt, receipt.format, toVerifier(journalKey))).toBeDefined()
    await installation.restart()
    expect(await installation.ask(grant)).toEqual(first)
    expect(await journalOf(installation.dir, "grant.used")).toHaveLength(1)
  })

  const refused: readonly [string, (installation: Installation) => Promise<ProvenGrant>, string][] = [
    ["of one person", ({ cora, item }) => discloseGrant([cora], [item]), "proofs-missing"],
    ["of one person twice", ({ cora, item }) => discloseGrant([cora, cora], [item]), "proofs-missing"],
    [
      "with one key under two names",
      ({ cora, item }) => discloseGrant([cora, { id: "kim", key: cora.key } satisfies Person], [item]),
      "signature-wrong",
    ],
    [
      "of somebody who was revoked",
      async ({ cora, kim, item, socket }) => {
        const grant = await discloseGrant([cora, kim], [item])
        await createCustodianClient(socket).revoke(PASSPHRASE, "cora")
        return grant
      },
      "not-enrolled",
    ],
    [
      "that was signed for another request",
      ({ cora, kim, item }) =>
        discloseGrant([cora, kim], [item], {
          signs: { request: { requestId: "request-2", sealedSha256: "d".repeat(64) } },
        }),
      "signature-wrong",
    ],
    [
      "that was signed for the record alone",
      ({ cora, kim, item }) =>
        discloseGrant([cora, kim], [item], { change: { kind: "content" }, signs: { kind: "records" } }),
      "signature-wrong",
    ],
    [
      "that has expired",
      ({ cora, kim, item }) => discloseGrant([cora, kim], [item], { now: new Date("2026-01-01T00:00:00Z") }),
      "expired",
    ],
  ]
  it.each(refused)("%s has no receipt", async (_name, make, reason) => {
    const installation = await makeInstallation()
    expect(await installation.ask(await make(installation))).toMatchObject({ body: { reason } })
    expect(await refusalsOf(installation.dir)).toEqual([reason])
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
  })

  it("under the id of a permitted one, with another content, has no receipt", async () => {
    const { cora, kim, item, ask } = await makeInstallation()
    const first = await discloseGrant([cora, kim], [item])
    await ask(first)
    const change = { grantId: first.grant.grantId, kind: "content" } as const
    expect(await ask(await discloseGrant([cora, kim], [item], { change }))).toMatchObject({
      status: 409,
      body: { reason: "replayed" },
    })
  })
})
