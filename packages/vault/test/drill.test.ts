import { appendFile } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { drill, generateIdentity, openEvidenceStore, recipientOf } from "../src/index.ts"
import { entry, filesBelow, fixedClock, makeKeyedDigest, makeKeyring, sha256, tempDir } from "./support/workspace.ts"

async function makeStore() {
  const keyring = await makeKeyring()
  const dir = await tempDir()
  const keyedDigest = makeKeyedDigest()
  const store = await openEvidenceStore(dir, { manifest: keyring.manifest, keyedDigest, clock: fixedClock })
  for (const id of ["item-1", "item-2"]) {
    await store.put({ evidenceId: id, provenance: id, content: Buffer.from(id), contentSha256: sha256(id) })
  }
  return { ...keyring, dir, evidence: { dir, keyedDigest } }
}

describe("a drill", () => {
  it("proves that each recipient's identity opens a challenge and evidence, alone", async () => {
    const { manifest, custodian, recovery, evidence, dir } = await makeStore()
    const before = await filesBelow(dir)
    expect(await drill(manifest, [recovery, custodian], { evidence })).toEqual([
      { id: "custodian-1", role: "custodian", ok: true, evidenceOpened: 2 },
      { id: "recovery-1", role: "recovery", ok: true, evidenceOpened: 2 },
    ])
    expect(await drill(manifest, [recovery, custodian], { evidence, sampleSize: 1 })).toMatchObject([
      { evidenceOpened: 1 },
      { evidenceOpened: 1 },
    ])
    expect(await filesBelow(dir)).toEqual(before)
  })

  it("names the recipient whose identity was not given or belongs to nobody", async () => {
    const { manifest, custodian } = await makeStore()
    expect(await drill(manifest, [custodian, await generateIdentity()])).toEqual([
      { id: "custodian-1", role: "custodian", ok: true, evidenceOpened: 0 },
      { id: "recovery-1", role: "recovery", ok: false, code: "identity_missing", evidenceOpened: 0 },
    ])
    await expect(drill(manifest, ["AGE-SECRET-KEY-1"])).rejects.toMatchObject({ code: "key_malformed" })
  })

  it("tries a new recipient only on what was sealed to it, and leaves a revoked one out", async () => {
    const { manifest, recovery, evidence } = await makeStore()
    const next = await generateIdentity()
    const recipients = [
      { ...manifest.recipients[0]!, revokedAt: "2026-03-01T00:00:00.000Z" },
      manifest.recipients[1]!,
      entry("custodian-2", await recipientOf(next)),
    ]
    expect(await drill({ ...manifest, version: 2, recipients }, [recovery, next], { evidence })).toMatchObject([
      { id: "recovery-1", ok: true, evidenceOpened: 2 },
      { id: "custodian-2", ok: true, evidenceOpened: 0 },
    ])
  })

  it("fails where a sealed file does not open", async () => {
    const { manifest, custodian, recovery, evidence, dir } = await makeStore()
    for (const id of ["item-1", "item-2"]) await appendFile(join(dir, "it", `${id}.age`), "x")
    expect(await drill(manifest, [custodian, recovery], { evidence })).toMatchObject([
      { ok: false, code: "evidence_failed" },
      { ok: false, code: "evidence_failed" },
    ])
  })

  it("stops when it is told to", async () => {
    const { manifest, custodian } = await makeStore()
    await expect(drill(manifest, [custodian], { signal: AbortSignal.abort() })).rejects.toThrow(/abort/)
  })
})
