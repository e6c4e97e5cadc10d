import { readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  type EvidenceStore,
  generateIdentity,
  headersFor,
  type Manifest,
  measureRewrap,
  openEvidence,
  openEvidenceStore,
  type Rewrapped,
  recipientOf,
  verifyEvidence,
} from "../src/index.ts"
import {
  collect,
  entry,
  filesBelow,
  fixedClock,
  makeKeyedDigest,
  makeKeyring,
  sha256,
  tempDir,
} from "./support/workspace.ts"

const content = new Uint8Array(200_000).fill(7)

async function makeStore() {
  const dir = join(await tempDir(), "evidence")
  const keyedDigest = makeKeyedDigest()
  const keyring = await makeKeyring()
  const open = (manifest: Manifest) => openEvidenceStore(dir, { manifest, keyedDigest, clock: fixedClock })
  const store = await open(keyring.manifest)
  const row = await store.put({ evidenceId: "item-1", provenance: { n: 1 }, content, contentSha256: sha256(content) })
  const identity = await generateIdentity()
  const [old, recovery] = keyring.manifest.recipients
  const recipients = [
    ...(old === undefined ? [] : [{ ...old, revokedAt: "2026-06-01T12:00:00.000Z" }]),
    ...(recovery === undefined ? [] : [recovery]),
    entry("custodian-2", await recipientOf(identity)),
  ]
  const manifest: Manifest = { ...keyring.manifest, version: 2, recipients }
  const makeHeader = headersFor(
    [keyring.custodian],
    recipients.filter(({ revokedAt }) => revokedAt === undefined).map(({ recipient }) => recipient),
  )
  return { dir, keyedDigest, keyring, row, identity, manifest, makeHeader, open }
}

async function rewrapOf(store: EvidenceStore, { makeHeader }: Awaited<ReturnType<typeof makeStore>>) {
  const changes: Rewrapped[] = []
  const row = await store.rewrap("item-1", { makeHeader, record: async (change) => void changes.push(change) })
  return { row, changes }
}

describe("evidence that is rewrapped", () => {
  it("opens by the new key and the kept one, and by the revoked one no more", async () => {
    const made = await makeStore()
    const { row, changes } = await rewrapOf(await made.open(made.manifest), made)
    expect(changes).toEqual([{ evidenceId: "item-1", before: made.row.ciphertextSha256, after: row?.ciphertextSha256 }])
    expect(row).toMatchObject({
      originSha256: made.row.ciphertextSha256,
      recipients: ["recovery-1", "custodian-2"],
      manifestVersion: 2,
      sealedAt: made.row.sealedAt,
    })
    for (const identity of [made.identity, made.keyring.recovery]) {
      const opened = await openEvidence(made.dir, "item-1", [identity])
      expect(sha256(Buffer.concat(await collect(opened.content)))).toBe(sha256(content))
    }
    await expect(openEvidence(made.dir, "item-1", [made.keyring.custodian])).rejects.toMatchObject({
      code: "key_unusable",
    })
    expect(await collect(verifyEvidence(made.dir, [made.identity], { keyedDigest: made.keyedDigest }))).toEqual([
      { evidenceId: "item-1", ok: true },
    ])
  })

  it("is left as it is the second time, and after a second rotation keeps the digest it was sealed under", async () => {
    const made = await makeStore()
    const store = await made.open(made.manifest)
    const first = await rewrapOf(store, made)
    expect((await rewrapOf(store, made)).changes).toEqual([])
    const next = { ...made.manifest, version: 3, recipients: made.manifest.recipients.slice(0, 2) }
    const third = await generateIdentity()
    next.recipients = [...next.recipients, entry("custodian-3", await recipientOf(third))]
    const makeHeader = headersFor([made.identity], [await recipientOf(third), await recipientOf(made.keyring.recovery)])
    const second = await rewrapOf(await made.open(next), { ...made, makeHeader })
    expect(second.changes[0]?.before).toBe(first.row?.ciphertextSha256)
    expect(second.row?.originSha256).toBe(made.row.ciphertextSha256)
  })

  it("is refused where the sealed file was altered behind its header, and the file stays as it was", async () => {
    const made = await makeStore()
    const path = join(made.dir, "it", "item-1.age")
    const bytes = await readFile(path)
    bytes[bytes.length - 5] = (bytes[bytes.length - 5] ?? 0) ^ 1
    await writeFile(path, bytes)
    const store = await made.open(made.manifest)
    await expect(rewrapOf(store, made)).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
    expect((await readFile(path)).equals(bytes)).toBe(true)
    expect([...(await filesBelow(made.dir)).keys()].filter((name) => name.includes(".tmp"))).toEqual([])
  })

  it("keeps its old file where the change cannot be recorded", async () => {
    const made = await makeStore()
    const store = await made.open(made.manifest)
    const record = () => Promise.reject(new Error("the log is full"))
    await expect(store.rewrap("item-1", { makeHeader: made.makeHeader, record })).rejects.toThrow("the log is full")
    expect(await store.find("item-1")).toEqual(made.row)
  })

  it("is received again under the digest it first came with, and replaced by it", async () => {
    const made = await makeStore()
    const store = await made.open(made.manifest)
    const sealedFile = await readFile(join(made.dir, "it", "item-1.age"))
    await store.remove("item-1")
    const input = () => ({
      evidenceId: "item-1",
      ciphertext: (async function* () {
        yield sealedFile
      })(),
      ciphertextSha256: sha256(sealedFile),
      maxBytes: 1_000_000,
    })
    await store.receive(input())
    const { row } = await rewrapOf(store, made)
    expect(row?.custody).toBe("received")
    expect(await store.receive(input())).toEqual(row)
  })

  it("is measured without writing: the digests of the file with the old header and with the new one", async () => {
    const made = await makeStore()
    const before = await filesBelow(made.dir)
    const recipients = [await recipientOf(made.identity)]
    const measured = await measureRewrap(made.dir, "item-1", { identities: [made.keyring.custodian], recipients })
    expect(measured.before).toBe(made.row.ciphertextSha256)
    expect(await filesBelow(made.dir)).toEqual(before)
    const store = await made.open(made.manifest)
    const makeHeader = async () => ({ header: measured.header, ciphertextSha256: measured.after })
    const { row } = await rewrapOf(store, { ...made, makeHeader })
    expect(row?.ciphertextSha256).toBe(measured.after)
  })
})
