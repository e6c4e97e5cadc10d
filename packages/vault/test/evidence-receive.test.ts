import { appendFile, readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { openEvidence, openEvidenceStore, verifyEvidence } from "../src/index.ts"
import { collect, fixedClock, inChunks, makeKeyedDigest, makeKeyring, sha256, tempDir } from "./support/workspace.ts"

const MAX_BYTES = 10_000

/** Evidence sealed in one workspace, and the store of another that shares its custodian. */
async function twoStores() {
  const keyring = await makeKeyring()
  const there = await tempDir()
  const sender = await openEvidenceStore(there, {
    manifest: keyring.manifest,
    keyedDigest: makeKeyedDigest(),
    clock: fixedClock,
  })
  const content = new TextEncoder().encode("shapes")
  const input = { evidenceId: "item-1", provenance: { n: 1 }, content, contentSha256: sha256(content) }
  await sender.put(input)
  const bytes = await readFile(join(there, "it", "item-1.age"))
  const dir = await tempDir()
  const keyedDigest = makeKeyedDigest()
  const store = await openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
  const given = (ciphertext: AsyncIterable<Uint8Array> = inChunks(bytes, [1, 5, 100])) => ({
    evidenceId: "item-1",
    ciphertext,
    ciphertextSha256: sha256(bytes),
    maxBytes: MAX_BYTES,
  })
  const verify = () => collect(verifyEvidence(dir, [keyring.custodian], { keyedDigest }))
  return { keyring, bytes, dir, store, given, verify, input }
}

describe("sealed evidence from elsewhere", () => {
  it("is kept as it was sealed and opens with the same keys", async () => {
    const { keyring, bytes, dir, store, given, verify } = await twoStores()
    const row = await store.receive(given())
    expect(row).toMatchObject({
      custody: "received",
      ciphertextBytes: bytes.length,
      plaintextDigest: "",
      recipients: [],
    })
    expect((await readFile(join(dir, "it", "item-1.age"))).equals(bytes)).toBe(true)
    const opened = await openEvidence(dir, "item-1", [keyring.recovery])
    expect(Buffer.concat(await collect(opened.content)).toString()).toBe("shapes")
    expect(await verify()).toEqual([{ evidenceId: "item-1", ok: true }])
    expect(await store.find("item-1")).toEqual(row)
  })

  it("is kept once, however often and by however many it is sent", async () => {
    const { dir, store, given } = await twoStores()
    const rows = await Promise.all([store.receive(given()), store.receive(given())])
    expect(await store.receive(given())).toEqual(rows[0])
    expect((await readdir(join(dir, "it"))).sort()).toEqual(["item-1.age", "item-1.json"])
  })

  it("leaves nothing behind when it is cut off, too long, of another digest or not sealed at all", async () => {
    const { bytes, dir, store, given } = await twoStores()
    async function* cutOff() {
      yield bytes.subarray(0, 200)
      throw new Error("socket closed")
    }
    const plain = Buffer.from("canary-plain that nobody sealed")
    await expect(store.receive(given(cutOff()))).rejects.toMatchObject({ code: "source_unreadable" })
    await expect(store.receive({ ...given(), maxBytes: 200 })).rejects.toMatchObject({ code: "body_too_large" })
    await expect(store.receive({ ...given(), ciphertextSha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "evidence_digest_mismatch",
    })
    await expect(
      store.receive({ ...given(inChunks(plain, [3])), ciphertextSha256: sha256(plain) }),
    ).rejects.toMatchObject({ code: "input_invalid" })
    await expect(store.receive({ ...given(inChunks(bytes, [])), ciphertextSha256: "no" })).rejects.toMatchObject({
      code: "input_invalid",
    })
    expect((await readdir(dir)).filter((name) => name !== ".lock")).toEqual([])
  })

  it("never takes the place of another file unless that one is named", async () => {
    const { bytes, store, given } = await twoStores()
    const first = await store.receive(given())
    const other = await twoStores()
    const second = other.given()
    await expect(store.receive(second)).rejects.toMatchObject({ code: "state_conflict" })
    const wrong = { ...other.given(), replaces: "1".repeat(64) }
    await expect(store.receive(wrong)).rejects.toMatchObject({ code: "state_conflict" })
    const row = await store.receive({ ...other.given(), replaces: first.ciphertextSha256 })
    expect(row.ciphertextSha256).toBe(sha256(other.bytes))
    expect(row.ciphertextSha256).not.toBe(sha256(bytes))
  })

  it("is found out by verification when it was altered or was never whole", async () => {
    const { dir, store, given, verify } = await twoStores()
    await store.receive(given())
    await appendFile(join(dir, "it", "item-1.age"), "x")
    expect(await verify()).toEqual([{ evidenceId: "item-1", ok: false, code: "ciphertext_changed" }])
    await expect(store.receive(given())).rejects.toMatchObject({ code: "evidence_digest_mismatch" })
  })
})
