import { openViewing, signAttestation, type ViewingAnswer } from "@nightlight/contract/custodian"
import type { JsonValue } from "@nightlight/core"
import {
  accepted,
  enrolReporters,
  filer,
  filingGrant,
  giveCredentials,
  hostsOf,
  startTipline,
} from "@nightlight/dev-env/custodian/filing"
import { type SealedItem, sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { serveSite } from "@nightlight/dev-env/custodian/serving"
import { describe, expect, it } from "vitest"

async function makeInstallation() {
  const tipline = await startTipline()
  const served = await serveSite({ config: hostsOf(tipline) })
  await giveCredentials(served)
  const reporters = await enrolReporters(served.socket)
  const ann = await enrol(served.socket, "ann", ["reviewer"])
  const sue = await enrol(served.socket, "sue", ["senior-reviewer"])
  const content = await picture()
  const evidence = await served.seal({ evidenceId: "item-1", content })

  async function view(item: SealedItem = evidence) {
    const { grant, viewer } = await viewingGrant(ann, item, { purpose: "original" })
    const { body } = await post(served.socket, "/v1/viewings", await prove(grant, ann, sue))
    const bytes = await openViewing(body as ViewingAnswer, viewer, grant.grantId)
    return { grantId: grant.grantId, contentSha256: sha256(bytes), evidence: item }
  }

  async function attest(seen: Awaited<ReturnType<typeof view>>, exifViewed: boolean) {
    const statement = {
      format: "nightlight-attestation/1" as const,
      person: "ann",
      viewedWhole: true as const,
      exifViewed,
      at: new Date().toISOString(),
      ...seen,
    }
    const signature = await signAttestation(statement, ann.key.privateKey)
    const { status } = await post(served.socket, "/v1/attestations", { attestation: statement, signature })
    expect(status).toBe(204)
  }

  /** Files up to the description of the item, which says this of it. */
  async function describeAs(details: JsonValue, item: SealedItem = evidence) {
    const proven = await filingGrant(reporters, { files: [{ evidence: item, details }] })
    const report = filer(() => served.socket, proven)
    accepted(await report.open())
    const { fileId = "" } = accepted(await report.upload(item.evidenceId))
    return report.describe(item.evidenceId, { fileId, details })
  }
  return { ...served, tipline, content, view, attest, describeAs }
}

const NOT_ATTESTED = { status: 403, body: { reason: "view-not-attested" } }
const VIEWED = { fileViewedByEsp: true }
const EXIF_TOO = { fileViewedByEsp: true, exifViewedByEsp: true }

describe("the fact that a file was viewed", () => {
  it("is not stated if nobody viewed it", async () => {
    const { describeAs, tipline } = await makeInstallation()
    expect(await describeAs(VIEWED)).toMatchObject(NOT_ATTESTED)
    expect((await tipline.admin.state()).reports[0]?.files[0]).not.toHaveProperty("details")
  })

  it("is not stated for a viewing that nobody attested, nor after a restart", async () => {
    const installation = await makeInstallation()
    await installation.view()
    await installation.restart()
    expect(await installation.describeAs(VIEWED)).toMatchObject(NOT_ATTESTED)
  })

  it("is stated if a person attested this content, also after a restart and for another sealing of it", async () => {
    const installation = await makeInstallation()
    await installation.attest(await installation.view(), false)
    await installation.restart()
    const again = await installation.seal({ evidenceId: "item-2", content: installation.content })
    accepted(await installation.describeAs(VIEWED, again))
    expect((await installation.tipline.admin.state()).reports[0]?.files[0]?.details).toContain("<fileViewedByEsp>true")
  })

  it("is not stated for other content than was attested", async () => {
    const installation = await makeInstallation()
    await installation.attest(await installation.view(), true)
    const other = await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    expect(await installation.describeAs(EXIF_TOO, other)).toMatchObject(NOT_ATTESTED)
  })

  it("does not include its metadata unless that was attested too", async () => {
    const installation = await makeInstallation()
    await installation.attest(await installation.view(), false)
    expect(await installation.describeAs(EXIF_TOO)).toMatchObject(NOT_ATTESTED)
  })

  it("includes its metadata if that was attested", async () => {
    const installation = await makeInstallation()
    await installation.attest(await installation.view(), true)
    accepted(await installation.describeAs(EXIF_TOO))
  })
})
