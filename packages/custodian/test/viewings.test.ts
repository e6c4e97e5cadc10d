import { rename } from "node:fs/promises"
import { join } from "node:path"
import { type Attestation, openViewing, signAttestation, type ViewingAnswer } from "@nightlight/contract/custodian"
import { PASSPHRASE, type SealedItem, sha256 } from "@nightlight/dev-env/custodian/folders"
import { enrol, makePerson, type Person, post, prove, viewingGrant } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf, serveSite, turnableTime } from "@nightlight/dev-env/custodian/serving"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import type { z } from "zod"
import { createCustodianClient } from "../src/index.ts"

async function makeInstallation(options: Parameters<typeof serveSite>[0] = {}) {
  const served = await serveSite(options)
  const ann = await enrol(served.socket, "ann", ["reviewer"])
  const sue = await enrol(served.socket, "sue", ["senior-reviewer"])
  const rob = await enrol(served.socket, "rob", ["reporter"])
  const content = await picture()
  const evidence = await served.seal({ evidenceId: "item-1", content })
  const view = (body: unknown) => post(served.socket, "/v1/viewings", body)
  return { ...served, ann, sue, rob, content, evidence, view }
}

type Installation = Awaited<ReturnType<typeof makeInstallation>>

async function seeOriginal({ ann, sue, evidence, view }: Installation) {
  const { grant, viewer } = await viewingGrant(ann, evidence, { purpose: "original" })
  const answer = await view(await prove(grant, ann, sue))
  if (answer.status !== 200) throw new Error(`expected to see it, got ${JSON.stringify(answer.body)}`)
  return { grant, bytes: await openViewing(answer.body as ViewingAnswer, viewer, grant.grantId) }
}

async function attestation(
  person: Person,
  { grantId, evidence }: { grantId: string; evidence: SealedItem },
  content: Uint8Array,
  change: Partial<z.infer<typeof Attestation>> = {},
) {
  const statement = {
    format: "nightlight-attestation/1" as const,
    grantId,
    person: person.id,
    evidence,
    contentSha256: sha256(content),
    viewedWhole: true as const,
    exifViewed: false,
    at: new Date().toISOString(),
    ...change,
  }
  return { attestation: statement, signature: await signAttestation(statement, person.key.privateKey) }
}

describe("a viewing of a derivative", () => {
  it("answers a small grey picture that only the viewer's key opens", async () => {
    const { ann, evidence, view, dir } = await makeInstallation()
    const { grant, viewer } = await viewingGrant(ann, evidence)

    const { status, body } = await view(await prove(grant, ann))

    expect(status).toBe(200)
    const answer = body as ViewingAnswer
    expect(answer).toMatchObject({ mediaType: "image/png", width: 256, height: 192 })
    const { channels, width } = await sharp(await openViewing(answer, viewer, grant.grantId)).metadata()
    expect({ channels, width }).toEqual({ channels: 1, width: 256 })
    const other = await viewingGrant(ann, evidence)
    await expect(openViewing(answer, other.viewer, grant.grantId)).rejects.toThrow()
    await expect(openViewing(answer, viewer, other.grant.grantId)).rejects.toThrow()
    expect(await journalOf(dir, "viewing.shown")).toMatchObject([{ actor: "ann", data: { rendition: "derivative" } }])
  })

  it("is possible once for a grant, also when it is requested twice at once, and after a restart", async () => {
    const installation = await makeInstallation()
    const { grant } = await viewingGrant(installation.ann, installation.evidence)
    const proven = await prove(grant, installation.ann)

    const both = await Promise.all([installation.view(proven), installation.view(proven)])
    expect(new Set(both.map(({ status }) => status))).toEqual(new Set([200, 409]))
    await installation.restart()
    expect(await installation.view(proven)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(await journalOf(installation.dir, "grant.used")).toHaveLength(1)
    expect(await refusalsOf(installation.dir)).toEqual(["replayed", "replayed"])
  })

  it("uses up the grant before it opens anything, so that a failed viewing counts too", async () => {
    const { ann, view, seal, dir } = await makeInstallation()
    const text = await seal({ evidenceId: "text-1", content: Buffer.from("canary-text") })
    const { grant } = await viewingGrant(ann, text)
    const proven = await prove(grant, ann)
    expect(await view(proven)).toMatchObject({
      status: 409,
      body: { reason: "no-rendition", cause: "not_a_picture" },
    })
    expect(await view(proven)).toMatchObject({ status: 409, body: { reason: "replayed" } })
    expect(await journalOf(dir, "viewing.failed")).toHaveLength(1)
  })

  it("is refused if the same key opens another sealing under the same name", async () => {
    const installation = await makeInstallation()
    for (const content of [installation.content, await picture(2)]) {
      const other = await installation.sealApart({ evidenceId: "item-1", content })
      await rename(other.file, join(installation.root, "evidence", "it", "item-1.age"))
      const { grant } = await viewingGrant(installation.ann, installation.evidence)
      expect(await installation.view(await prove(grant, installation.ann))).toMatchObject({
        body: { reason: "evidence-faulty", fault: "ciphertext-differs" },
      })
    }
  })

  it("is refused if the sealed file differs from the granted one, even if it opens", async () => {
    const installation = await makeInstallation()
    const { ann, view, evidence } = installation
    const other = await installation.seal({ evidenceId: "item-2", content: await picture(2) })
    const folder = join(installation.root, "evidence")
    await rename(join(folder, "it", "item-2.age"), join(folder, "it", "item-1.age"))
    const { grant } = await viewingGrant(ann, evidence)
    expect(await view(await prove(grant, ann))).toMatchObject({
      status: 409,
      body: { reason: "evidence-faulty", fault: "ciphertext-differs" },
    })
    const { grant: gone } = await viewingGrant(ann, other)
    expect(await view(await prove(gone, ann))).toMatchObject({
      body: { reason: "evidence-faulty", fault: "missing" },
    })
  })
})

describe("a grant", () => {
  const refused: [string, (installation: Installation) => Promise<unknown>, string][] = [
    ["none at all", async () => ({}), "malformed"],
    [
      "that was changed to another case",
      async ({ ann, evidence }) => {
        const { grant } = await viewingGrant(ann, evidence)
        return { ...(await prove(grant, ann)), grant: { ...grant, caseId: "case-2" } }
      },
      "signature-wrong",
    ],
    [
      "that was changed to another item",
      async ({ ann, evidence }) => {
        const { grant } = await viewingGrant(ann, evidence)
        const other = { evidenceId: "item-2", ciphertextSha256: "0".repeat(64) }
        return { ...(await prove(grant, ann)), grant: { ...grant, evidence: other } }
      },
      "signature-wrong",
    ],
    [
      "whose answer somebody else would read",
      async ({ ann, evidence }) => {
        const { grant } = await viewingGrant(ann, evidence)
        const { grant: other } = await viewingGrant(ann, evidence)
        return { ...(await prove(grant, ann)), grant: { ...grant, viewerKey: other.viewerKey } }
      },
      "signature-wrong",
    ],
    [
      "proven with a key that is not enrolled",
      async ({ evidence }) => {
        const forger = await makePerson("ann")
        return prove((await viewingGrant(forger, evidence)).grant, forger)
      },
      "signature-wrong",
    ],
    [
      "of somebody unknown",
      async ({ evidence }) => {
        const stranger = await makePerson("stranger")
        return prove((await viewingGrant(stranger, evidence)).grant, stranger)
      },
      "not-enrolled",
    ],
    [
      "of somebody without the role",
      async ({ rob, evidence }) => prove((await viewingGrant(rob, evidence)).grant, rob),
      "role-missing",
    ],
    [
      "proven by somebody else than it names",
      async ({ ann, sue, evidence }) => prove((await viewingGrant(ann, evidence)).grant, sue),
      "proofs-missing",
    ],
    [
      "that has expired",
      async ({ ann, evidence }) => {
        const now = new Date(Date.now() - 6 * 60_000)
        return prove((await viewingGrant(ann, evidence, { now })).grant, ann)
      },
      "expired",
    ],
    [
      "from the future",
      async ({ ann, evidence }) => {
        const now = new Date(Date.now() + 10 * 60_000)
        return prove((await viewingGrant(ann, evidence, { now })).grant, ann)
      },
      "not-yet-valid",
    ],
    [
      "that is valid for too long",
      async ({ ann, evidence }) => {
        const expiresAt = new Date(Date.now() + 11 * 60_000).toISOString()
        return prove((await viewingGrant(ann, evidence, { expiresAt })).grant, ann)
      },
      "valid-too-long",
    ],
    [
      "for an original, by one person",
      async ({ sue, evidence }) => prove((await viewingGrant(sue, evidence, { purpose: "original" })).grant, sue),
      "proofs-missing",
    ],
    [
      "for an original, twice by one person",
      async ({ sue, evidence }) => prove((await viewingGrant(sue, evidence, { purpose: "original" })).grant, sue, sue),
      "proofs-missing",
    ],
    [
      "for an original, with somebody who reviews nothing",
      async ({ sue, rob, evidence }) =>
        prove((await viewingGrant(sue, evidence, { purpose: "original" })).grant, sue, rob),
      "role-missing",
    ],
  ]

  it.each(refused)("is refused: %s", async (_, make, reason) => {
    const installation = await makeInstallation()
    const answer = await installation.view(await make(installation))
    expect(answer).toMatchObject({ body: { reason } })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await refusalsOf(installation.dir)).toEqual([reason])
    expect(await journalOf(installation.dir, "grant.used")).toEqual([])
    expect(await journalOf(installation.dir, "viewing.shown")).toEqual([])
  })

  it("for an original is refused to two reviewers neither of whom is senior", async () => {
    const installation = await makeInstallation()
    const ben = await enrol(installation.socket, "ben", ["reviewer"])
    const { grant } = await viewingGrant(installation.ann, installation.evidence, { purpose: "original" })
    expect(await installation.view(await prove(grant, installation.ann, ben))).toMatchObject({
      body: { reason: "role-missing" },
    })
  })

  it("of a revoked person is refused at once", async () => {
    const installation = await makeInstallation()
    const { grant } = await viewingGrant(installation.ann, installation.evidence)
    const proven = await prove(grant, installation.ann)
    await createCustodianClient(installation.socket).revoke(PASSPHRASE, "ann")
    expect(await installation.view(proven)).toMatchObject({ status: 403, body: { reason: "not-enrolled" } })
  })
})

describe("a viewing of an original", () => {
  it("answers the very bytes, to one of two people", async () => {
    const installation = await makeInstallation()
    const { bytes } = await seeOriginal(installation)
    expect(Buffer.from(bytes).equals(installation.content)).toBe(true)
    expect(await journalOf(installation.dir, "grant.used")).toMatchObject([{ data: { provenBy: ["ann", "sue"] } }])
  })

  it("is refused above the size that the configuration allows", async () => {
    const installation = await makeInstallation({ config: { sizes: { originalBytes: 100 } } })
    const { grant } = await viewingGrant(installation.ann, installation.evidence, { purpose: "original" })
    expect(await installation.view(await prove(grant, installation.ann, installation.sue))).toMatchObject({
      body: { reason: "too-large" },
    })
  })
})

describe("an attestation", () => {
  it("is accepted once, from the person who saw this very content", async () => {
    const installation = await makeInstallation()
    const { grant, bytes } = await seeOriginal(installation)
    const body = await attestation(installation.ann, grant, bytes)
    const attest = () => post(installation.socket, "/v1/attestations", body)
    const [first, second] = await Promise.all([attest(), attest()])
    expect(new Set([first?.status, second?.status])).toEqual(new Set([204, 409]))
    expect(await journalOf(installation.dir, "attestation.made")).toMatchObject([
      { actor: "ann", data: { exifViewed: false } },
    ])
  })

  it.each<
    [string, (installation: Installation, seen: Awaited<ReturnType<typeof seeOriginal>>) => Promise<unknown>, string]
  >([
    ["of other content", async ({ ann }, { grant }) => attestation(ann, grant, Buffer.from("other")), "other-evidence"],
    ["of the second person", async ({ sue }, { grant, bytes }) => attestation(sue, grant, bytes), "other-evidence"],
    [
      "signed by the second person",
      async ({ ann, sue }, { grant, bytes }) => {
        const { attestation: statement } = await attestation(ann, grant, bytes)
        return { attestation: statement, signature: await signAttestation(statement, sue.key.privateKey) }
      },
      "signature-wrong",
    ],
    [
      "of a grant that showed nothing",
      async ({ ann }, { grant, bytes }) => attestation(ann, grant, bytes, { grantId: "another" }),
      "unknown",
    ],
    [
      "of two days ago",
      async ({ ann }, { grant, bytes }) =>
        attestation(ann, grant, bytes, { at: new Date(Date.now() - 48 * 3_600_000).toISOString() }),
      "expired",
    ],
  ])("is refused: %s", async (_, make, reason) => {
    const installation = await makeInstallation()
    const body = await make(installation, await seeOriginal(installation))
    expect(await post(installation.socket, "/v1/attestations", body)).toMatchObject({ body: { reason } })
    expect(await journalOf(installation.dir, "attestation.made")).toEqual([])
  })

  it("is refused for a derivative", async () => {
    const installation = await makeInstallation()
    const { grant } = await viewingGrant(installation.ann, installation.evidence)
    await installation.view(await prove(grant, installation.ann))
    const body = await attestation(installation.ann, grant, installation.content)
    expect(await post(installation.socket, "/v1/attestations", body)).toMatchObject({
      status: 404,
      body: { reason: "unknown" },
    })
  })
})

describe("the hourly caps", () => {
  it("apply to a person and to all, and end with the hour", async () => {
    const time = turnableTime()
    const caps = { derivative: { perPerson: 2, total: 3 } }
    const installation = await makeInstallation({ time: time.sources, config: { caps } })
    const ask = async (person: Person) => {
      const { grant } = await viewingGrant(person, installation.evidence, { now: time.now() })
      const { status, body } = await installation.view(await prove(grant, person))
      return status === 200 ? "shown" : (body as { reason: string }).reason
    }
    expect([await ask(installation.ann), await ask(installation.ann), await ask(installation.ann)]).toEqual([
      "shown",
      "shown",
      "hourly-cap",
    ])
    expect([await ask(installation.sue), await ask(installation.sue)]).toEqual(["shown", "hourly-cap"])
    await installation.restart()
    expect(await ask(installation.sue)).toBe("hourly-cap")
    time.pass(60 * 60_000 + 1)
    expect(await ask(installation.ann)).toBe("shown")
  })
})
