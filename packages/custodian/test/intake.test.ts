import { appendFile, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { IntakeAnswer } from "@nightlight/contract/custodian"
import { systemClock } from "@nightlight/core"
import { sha256, tempDir } from "@nightlight/dev-env/custodian/folders"
import { post } from "@nightlight/dev-env/custodian/people"
import { picture } from "@nightlight/dev-env/custodian/pictures"
import { journalOf, refusalsOf, type Served, serveSite } from "@nightlight/dev-env/custodian/serving"
import { createDigestKey, generateIdentity, openEvidenceStore, openKeyedDigest, recipientOf } from "@nightlight/vault"
import { describe, expect, it } from "vitest"

const open = async ({ socket }: Served, evidence: unknown, findingId = "finding-item-1") =>
  post(socket, "/v1/intake", { evidence, findingId })

async function makeInstallation(config: Readonly<Record<string, unknown>> = {}) {
  const served = await serveSite({ config })
  const content = await picture()
  const context = { finding: "finding-item-1", sourceUrl: "https://canary.example/1" }
  const evidence = await served.seal({ evidenceId: "item-1", content, context })
  return { served, content, context, evidence, file: join(served.evidence, "it", "item-1.age") }
}

/** Evidence of the same name, sealed to people who are not here. */
async function sealElsewhere(content: Uint8Array) {
  const dir = await tempDir()
  await createDigestKey(join(dir, "digest.key"))
  const entry = { local: false, addedAt: "2026-01-01T00:00:00Z" }
  const recipients = [
    { id: "a", role: "custodian" as const, recipient: await recipientOf(await generateIdentity()), ...entry },
    { id: "b", role: "recovery" as const, recipient: await recipientOf(await generateIdentity()), ...entry },
  ]
  const store = await openEvidenceStore(join(dir, "evidence"), {
    manifest: { version: 1, writtenAt: entry.addedAt, recipients },
    keyedDigest: await openKeyedDigest(join(dir, "digest.key")),
    clock: systemClock,
  })
  const input = { evidenceId: "item-1", provenance: { finding: "finding-item-1" }, content }
  const { ciphertextSha256 } = await store.put({ ...input, contentSha256: sha256(content) })
  return { evidence: { evidenceId: "item-1", ciphertextSha256 }, file: join(dir, "evidence", "it", "item-1.age") }
}

describe("intake", () => {
  it("opens evidence, digests and decodes it again, and returns its sealed context", async () => {
    const { served, content, context, evidence } = await makeInstallation()
    const answer = await open(served, evidence)
    expect(answer.status).toBe(200)
    expect(IntakeAnswer.parse(answer.body)).toMatchObject({
      opens: true,
      content: "verified",
      contentBytes: content.length,
      context,
      fingerprint: { sha256: sha256(content), mediaType: "image/jpeg", picture: { width: 640, height: 480 } },
    })
    expect(await journalOf(served.dir, "intake.opened")).toHaveLength(1)
  })

  it("reports when only the place was recorded", async () => {
    const { served } = await makeInstallation()
    const located = await served.seal({ evidenceId: "item-2" })
    expect(await open(served, located, "finding-item-2")).toMatchObject({
      body: { opens: true, content: "absent", contentBytes: 0 },
    })
  })

  it("digests content that is too large to decode", async () => {
    const { served, content, evidence } = await makeInstallation({ sizes: { decodedBytes: 1000 } })
    expect(await open(served, evidence)).toMatchObject({
      body: {
        opens: true,
        contentBytes: content.length,
        fingerprint: { sha256: sha256(content), mediaType: "image/jpeg", inconclusive: "byte_limit" },
      },
    })
  })

  it.each<[string, (installation: Awaited<ReturnType<typeof makeInstallation>>) => Promise<unknown>, string]>([
    ["is not there", async ({ file }) => rm(file), "missing"],
    ["was altered", async ({ file }) => appendFile(file, "x"), "ciphertext-differs"],
    [
      "is another sealing of the same item to the same keys",
      async ({ served, content, context, file }) =>
        rename((await served.sealApart({ evidenceId: "item-1", content, context })).file, file),
      "ciphertext-differs",
    ],
    [
      "is another sealing of the same item to other keys",
      async ({ file, content }) => rename((await sealElsewhere(content)).file, file),
      "ciphertext-differs",
    ],
  ])("names the fault of evidence that %s", async (_, harm, fault) => {
    const installation = await makeInstallation()
    await harm(installation)
    expect(await open(installation.served, installation.evidence)).toMatchObject({
      status: 200,
      body: { opens: false, fault },
    })
    expect(await journalOf(installation.served.dir, "intake.faulted")).toMatchObject([{ data: { fault } }])
  })

  it("recognises evidence that is sealed to other keys", async () => {
    const { served, file, content } = await makeInstallation()
    const elsewhere = await sealElsewhere(content)
    await rename(elsewhere.file, file)
    expect(await open(served, elsewhere.evidence)).toMatchObject({ body: { opens: false, fault: "wrong-recipient" } })
  })

  it("recognises evidence of another finding", async () => {
    const { served, evidence } = await makeInstallation()
    expect(await open(served, evidence, "finding-item-2")).toMatchObject({
      body: { opens: false, fault: "other-finding" },
    })
  })

  it("opens no more than the configuration allows within an hour", async () => {
    const { served, evidence } = await makeInstallation({ caps: { intake: { total: 1 } } })
    expect(await open(served, evidence)).toMatchObject({ status: 200 })
    expect(await open(served, evidence)).toMatchObject({ status: 403, body: { reason: "hourly-cap" } })
    expect(await refusalsOf(served.dir)).toEqual(["hourly-cap"])
  })

  it("opens no more within an hour when all are requested at once", async () => {
    const { served, evidence } = await makeInstallation({ caps: { intake: { total: 2 } } })
    const answers = await Promise.all(Array.from({ length: 5 }, () => open(served, evidence)))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 403, 403, 403])
    expect(await journalOf(served.dir, "intake.opened")).toHaveLength(2)
  })

  it.each([
    ["a path as an id", { evidenceId: "../custodian", ciphertextSha256: "0".repeat(64) }],
    ["nothing", undefined],
  ])("refuses %s", async (_, evidence) => {
    const { served } = await makeInstallation()
    expect(await open(served, evidence)).toMatchObject({ status: 400, body: { reason: "malformed" } })
  })
})
