import { createHash } from "node:crypto"
import { appendFile, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { systemClock } from "@nightlight/core"
import { PASSPHRASE, sha256 } from "@nightlight/dev-env/custodian/folders"
import { post } from "@nightlight/dev-env/custodian/people"
import { journalOf, type Served, serveSite } from "@nightlight/dev-env/custodian/serving"
import { writeFileAtomic } from "@nightlight/durable"
import {
  activeRecipients,
  generateIdentity,
  type ManifestRecipient,
  openEvidenceStore,
  openKeyedDigest,
  openSigner,
  openVerifier,
  protectIdentity,
  publicKeyPath,
  readManifest,
  recipientOf,
  recipientsDigest,
  writeManifest,
} from "@nightlight/vault"
import { describe, expect, it } from "vitest"
import {
  addCustodianIdentity,
  createCustodianClient,
  custodianLayout,
  readConfig,
  setCredentials,
} from "../src/index.ts"
import { openText } from "../src/keys/sealed-text.ts"

const content = new Uint8Array(300_000).fill(3)

async function makeInstallation() {
  const served = await serveSite()
  const evidence = await served.seal({ evidenceId: "item-1", content })
  const pathOf = (name: string) => join(served.root, name)
  const verifier = await openVerifier(publicKeyPath(pathOf("signing.pem")))
  const keyedDigest = await openKeyedDigest(pathOf("digest.key"))
  return {
    served,
    evidence,
    at: pathOf,
    manifest: () => readManifest(pathOf("recipients.json"), verifier),
    store: async () =>
      openEvidenceStore(served.evidence, {
        manifest: await readManifest(pathOf("recipients.json"), verifier),
        keyedDigest,
        clock: systemClock,
      }),
    /** Adds a recipient to the manifest, in place of those of its role by default. */
    enter: async (
      recipient: string,
      { role = "custodian", replaces = true }: Partial<Pick<ManifestRecipient, "role"> & { replaces: boolean }> = {},
    ) => {
      const { recipients } = await readManifest(pathOf("recipients.json"), verifier)
      const now = new Date().toISOString()
      const next = recipients.map((known) =>
        replaces && known.role === role && known.revokedAt === undefined ? { ...known, revokedAt: now } : known,
      )
      next.push({ id: `${role}-${next.length}`, role, recipient, local: true, addedAt: now })
      await writeManifest(pathOf("recipients.json"), next, {
        signer: await openSigner(pathOf("signing.pem")),
        verifier,
        clock: systemClock,
      })
    },
  }
}

type Installation = Awaited<ReturnType<typeof makeInstallation>>

/** Gives the custodian a new key, in the manifest too, and starts it again. */
async function rotate({ served, at: pathOf, enter }: Installation): Promise<string> {
  const identity = await generateIdentity()
  await writeFileAtomic(
    pathOf("custodian-2.age"),
    await protectIdentity(identity, PASSPHRASE, { workFactor: 10 }),
    0o600,
  )
  await addCustodianIdentity(served.dir, pathOf("custodian-2.age"), PASSPHRASE)
  await enter(await recipientOf(identity))
  await served.restart()
  return identity
}

const recipientsOf = async ({ manifest }: Installation) =>
  activeRecipients(await manifest()).map(({ recipient }) => recipient)

/** Permits headers, as a person does who has checked the recipients. */
async function allow(installation: Installation) {
  const recipients = await recipientsOf(installation)
  return createCustodianClient(installation.served.socket).allowRewraps(
    PASSPHRASE,
    recipients,
    recipientsDigest(recipients),
  )
}

async function rewrapAll(installation: Installation) {
  const client = createCustodianClient(installation.served.socket)
  const allowed = await allow(installation)
  const row = await (await installation.store()).rewrap("item-1", {
    makeHeader: async (evidenceId) => {
      const { header, after } = await client.rewrapHeader(evidenceId)
      return { header: new Uint8Array(Buffer.from(header, "base64")), ciphertextSha256: after }
    },
    record: async () => {},
  })
  return { allowed, row }
}

const intake = ({ socket }: Served, evidence: unknown) =>
  post(socket, "/v1/intake", { evidence, findingId: "finding-item-1" })

describe("evidence rewrapped through the custodian", () => {
  it("is opened by the digest in a grant, with only the new key, also after a restart", async () => {
    const installation = await makeInstallation()
    const { served, evidence } = installation
    await rotate(installation)
    const { allowed, row } = await rewrapAll(installation)
    expect(allowed).toMatchObject({ manifestVersion: 2, recipients: ["recovery", "custodian-2"] })
    expect(row?.ciphertextSha256).not.toBe(evidence.ciphertextSha256)
    const config = await readConfig(custodianLayout(served.dir).config)
    await served.stop()
    await served.configure({ identities: config.identities.slice(0, 1) })
    await served.restart()
    for (const ciphertextSha256 of [evidence.ciphertextSha256, row?.ciphertextSha256]) {
      expect(await intake(served, { evidenceId: "item-1", ciphertextSha256 })).toMatchObject({
        body: { opens: true, contentBytes: content.length, fingerprint: { sha256: sha256(content) } },
      })
    }
    expect(await journalOf(served.dir, "evidence.rewrapped")).toMatchObject([
      { data: { evidenceId: "item-1", before: evidence.ciphertextSha256, after: row?.ciphertextSha256 } },
    ])
  })

  it("opens under the old digest if the new header was never written, and under the last if one was made twice", async () => {
    const installation = await makeInstallation()
    await rotate(installation)
    const client = createCustodianClient(installation.served.socket)
    await allow(installation)
    // As where the command was killed in between.
    await client.rewrapHeader("item-1")
    expect(await intake(installation.served, installation.evidence)).toMatchObject({ body: { opens: true } })
    await rewrapAll(installation)
    expect(await intake(installation.served, installation.evidence)).toMatchObject({ body: { opens: true } })
  })

  it("is refused if somebody else wrote its header, or altered it before", async () => {
    const installation = await makeInstallation()
    await rotate(installation)
    const client = createCustodianClient(installation.served.socket)
    await allow(installation)
    await appendFile(join(installation.served.evidence, "it", "item-1.age"), "x")
    const { before, after } = await client.rewrapHeader("item-1")
    expect(before).not.toBe(installation.evidence.ciphertextSha256)
    expect(after).not.toBe(before)
    expect(await intake(installation.served, installation.evidence)).toMatchObject({
      body: { opens: false, fault: "ciphertext-differs" },
    })
  })

  it("needs the passphrase first, for the keys that the operator saw, including the custodian's own", async () => {
    const installation = await makeInstallation()
    const client = createCustodianClient(installation.served.socket)
    const refused = (reason: string) => ({ details: { reason } })
    await expect(client.rewrapHeader("item-1")).rejects.toMatchObject(refused("rewrap-not-allowed"))
    const shown = await recipientsOf(installation)
    await expect(client.allowRewraps("a wrong passphrase", shown)).rejects.toMatchObject({ code: "passphrase_wrong" })
    // Whoever has the workspace's key signs a manifest with a key of their own.
    await installation.enter(await recipientOf(await generateIdentity()))
    await expect(client.allowRewraps(PASSPHRASE, shown)).rejects.toMatchObject(refused("manifest-differs"))
    await expect(client.allowRewraps(PASSPHRASE, await recipientsOf(installation))).rejects.toMatchObject(
      refused("manifest-differs"),
    )
    await expect(client.rewrapHeader("item-1")).rejects.toMatchObject(refused("rewrap-not-allowed"))
    await expect(client.rewrapHeader("no-such-item")).rejects.toMatchObject(refused("rewrap-not-allowed"))
  })

  it("goes to no key that the manifest's signer added, until a person has accepted that very set", async () => {
    const installation = await makeInstallation()
    const { served } = installation
    const client = createCustodianClient(served.socket)
    // With those of the beginning nobody is asked.
    await client.allowRewraps(PASSPHRASE, await recipientsOf(installation))
    const own = await recipientsOf(installation)
    const evil = await recipientOf(await generateIdentity())
    await installation.enter(evil, { role: "recovery", replaces: false })
    await served.restart()
    const asked = () => recipientsOf(installation).then((shown) => client.allowRewraps(PASSPHRASE, shown))
    const accept = recipientsDigest([...own, evil])
    await expect(asked()).rejects.toMatchObject({
      code: "state_conflict",
      message: expect.stringContaining(`new: recovery-2 (recovery) ${evil}`),
      details: { reason: "recipients-not-accepted", accept },
      hint: expect.stringContaining(`--accept-recipients ${accept}`),
    })
    // Neither another accepted set nor the passphrase alone accepts this one.
    for (const other of [recipientsDigest(own), "0".repeat(16)]) {
      const wrong = client.allowRewraps(PASSPHRASE, await recipientsOf(installation), other)
      await expect(wrong).rejects.toMatchObject({ details: { reason: "recipients-not-accepted" } })
    }
    const guess = client.allowRewraps("a guess of a test", await recipientsOf(installation), accept)
    await expect(guess).rejects.toMatchObject({ code: "passphrase_wrong" })
    await expect(client.rewrapHeader("item-1")).rejects.toMatchObject({ details: { reason: "rewrap-not-allowed" } })
    expect(await journalOf(served.dir, "rewrap.allowed")).toHaveLength(1)
    expect(await journalOf(served.dir, "evidence.rewrapped")).toEqual([])
    await client.allowRewraps(PASSPHRASE, await recipientsOf(installation), accept)
    // It is remembered, over a restart too; one that goes is asked about as well.
    await served.restart()
    await asked()
    expect((await journalOf(served.dir, "recipients.accepted")).map(({ data }) => data["recipients"])).toEqual([
      own,
      [...own, evil],
    ])
    await installation.enter(await recipientOf(await generateIdentity()), { role: "recovery" })
    await expect(asked()).rejects.toMatchObject({ message: expect.stringContaining("no longer there:") })
  })

  it("that may be rewrapped for some keys stays with these, whatever the manifest says afterwards", async () => {
    const installation = await makeInstallation()
    const identity = await rotate(installation)
    await allow(installation)
    const evil = await generateIdentity()
    await installation.enter(await recipientOf(evil), { role: "recovery", replaces: false })
    const client = createCustodianClient(installation.served.socket)
    const { header } = await client.rewrapHeader("item-1")
    const stanzas = Buffer.from(header, "base64")
      .toString("latin1")
      .match(/^-> X25519 /gm)
    expect(stanzas).toHaveLength(2)
    expect(identity).not.toBe(evil)
  })

  it("is not made by a manifest older than one that headers were made for", async () => {
    const installation = await makeInstallation()
    const old = await readFile(installation.at("recipients.json"))
    await rotate(installation)
    await rewrapAll(installation)
    await writeFile(installation.at("recipients.json"), old)
    const answer = await post(installation.served.socket, "/v1/rewraps", {
      passphrase: PASSPHRASE,
      recipients: await recipientsOf(installation),
    })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(await journalOf(installation.served.dir, "rewrap.allowed")).toHaveLength(1)
  })

  it("leaves credentials to the custodian's new key as well, once", async () => {
    const installation = await makeInstallation()
    await setCredentials(installation.served.dir, "test", { username: "user", password: "password" })
    const identity = await rotate(installation)
    expect((await rewrapAll(installation)).allowed.ownFiles).toBe(1)
    const sealed = await readFile(join(installation.served.dir, "credentials-test.age"))
    expect(JSON.parse(await openText(sealed, [identity]))).toEqual({ username: "user", password: "password" })
    expect((await rewrapAll(installation)).allowed.ownFiles).toBe(0)
  })
})

describe("a custodian's new private half", () => {
  it("becomes the present one in one step, keeps the old ones, and is added once", async () => {
    const installation = await makeInstallation()
    const { dir } = installation.served
    const before = await readConfig(custodianLayout(dir).config)
    const identity = await rotate(installation)
    const text = await readFile(custodianLayout(dir).config, "utf8")
    await addCustodianIdentity(dir, installation.at("custodian-2.age"), PASSPHRASE)
    expect(await readFile(custodianLayout(dir).config, "utf8")).toBe(text)
    const config = await readConfig(custodianLayout(dir).config)
    expect(config.recipient).toBe(await recipientOf(identity))
    expect(config.identities.slice(1)).toEqual(before.identities)
  })

  it("is refused under another passphrase than the others have", async () => {
    const installation = await makeInstallation()
    const other = await protectIdentity(await generateIdentity(), "another passphrase", { workFactor: 10 })
    await writeFileAtomic(installation.at("other.age"), other, 0o600)
    const { config } = custodianLayout(installation.served.dir)
    const digest = async () =>
      createHash("sha256")
        .update(await readFile(config))
        .digest("hex")
    const before = await digest()
    for (const passphrase of ["another passphrase", PASSPHRASE]) {
      const added = addCustodianIdentity(installation.served.dir, installation.at("other.age"), passphrase)
      await expect(added).rejects.toMatchObject({ code: "passphrase_wrong" })
    }
    expect(await digest()).toBe(before)
  })
})
