import { createViewerKey, openViewing, signAttestation } from "@nightlight/contract/custodian"
import { sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { serveSite } from "@nightlight/dev-env/custodian/serving"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, TestClock } from "@nightlight/dev-env/server/cases"
import { expect, it } from "vitest"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import { anItem } from "../cases/builders.ts"
import { aProvenGrant, createViewingsHarness } from "./harness.ts"

const db = useDatabase()

it("viewings and attestations pass between people and the real custodian", { timeout: 120_000 }, async () => {
  const clock = new TestClock()
  const time = { clock, monotonicMs: () => clock.now().getTime() }
  const served = await serveSite({ time })
  const client = openCustodianClient(served.socket)
  const harness = createViewingsHarness(db, {}, client)
  const content = await picture()
  const sealed = await served.seal({ evidenceId: "item-1", content })
  const people = [aPerson("senior-reviewer"), aPerson("senior-reviewer")] as const
  const [viewer, other] = await Promise.all(
    people.map(async (person) => ({
      person,
      key: (await enrol(served.socket, person.id, ["senior-reviewer"])).key,
      viewer: await createViewerKey(),
    })),
  )
  const evidence = { ...sealed, content: "verified", contentBytes: content.length } as const
  const found = await harness.attach(anItem({ evidence }))
  await harness.cases.claim(people[0], found.caseId, (await harness.cases.get(found.caseId))!.version)

  const small = await aProvenGrant(harness, found, viewer!)
  const shown = await harness.viewings.view(people[0], found, small)
  expect(shown.answer).toMatchObject({ mediaType: "image/png", width: 256 })

  const whole = await aProvenGrant(harness, found, viewer!, { purpose: "original", others: [other!] })
  const original = await harness.viewings.view(people[0], found, whole)
  const bytes = await openViewing(original.answer, viewer!.viewer, whole.grant.grantId)
  expect(Buffer.from(bytes).equals(content)).toBe(true)

  const place = { ...found, viewingId: original.viewingId }
  const attestation = {
    format: "nightlight-attestation/1" as const,
    grantId: whole.grant.grantId,
    person: people[0].id,
    evidence: sealed,
    contentSha256: sha256(bytes),
    viewedWhole: true as const,
    exifViewed: false,
    at: harness.clock.now().toISOString(),
  }
  const body = { attestation, signature: await signAttestation(attestation, viewer!.key.privateKey) }
  // As if an earlier process had ended between the custodian's answer and its own record.
  await client.attest(body)
  await harness.viewings.attest(people[0], place, body)
  expect(await harness.viewings.viewedOf(db.database.kysely, found.caseId)).toMatchObject([
    { itemId: found.itemId, evidenceId: "item-1", person: people[0].id },
  ])

  const forged = await aProvenGrant(harness, found, { ...viewer!, key: other!.key })
  await expect(harness.viewings.view(people[0], found, forged)).rejects.toMatchObject({
    code: "forbidden",
    details: { reason: "signature-wrong" },
  })
  expect((await harness.exposure.of(people[0].id)).counts).toMatchObject({ viewings: 2, originals: 1 })
  await client.close()
})
