import { rename } from "node:fs/promises"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { openEvidence, openEvidenceStore } from "../src/index.ts"
import { collect, fixedClock, makeKeyedDigest, makeKeyring, sha256, tempDir } from "./support/workspace.ts"

async function sealTwice(sizeBytes: number) {
  const keyring = await makeKeyring()
  const content = Buffer.alloc(sizeBytes, 7)
  const put = async () => {
    const dir = await tempDir()
    const deps = { manifest: keyring.manifest, keyedDigest: makeKeyedDigest(), clock: fixedClock }
    const store = await openEvidenceStore(dir, deps)
    const row = await store.put({ evidenceId: "item-1", provenance: {}, content, contentSha256: sha256(content) })
    return { dir, row }
  }
  return { content, identity: keyring.custodian, first: await put(), second: await put() }
}

describe("evidence opened with the digest that its sealed file must have", () => {
  it.each([0, 10, 300_000])("gives its content when it has that digest (%i bytes)", async (sizeBytes) => {
    const { content, identity, first } = await sealTwice(sizeBytes)
    const { ciphertextSha256 } = first.row
    const opened = await openEvidence(first.dir, "item-1", [identity], { ciphertextSha256 })
    expect(Buffer.concat(await collect(opened.content)).equals(content)).toBe(true)
  })

  it.each([0, 10, 300_000])(
    "refuses another sealing of the same content in its place (%i bytes)",
    async (sizeBytes) => {
      const { identity, first, second } = await sealTwice(sizeBytes)
      await rename(join(second.dir, "it", "item-1.age"), join(first.dir, "it", "item-1.age"))
      const open = async () => {
        const { ciphertextSha256 } = first.row
        const { content } = await openEvidence(first.dir, "item-1", [identity], { ciphertextSha256 })
        await collect(content)
      }
      await expect(open()).rejects.toMatchObject({ details: { fault: "ciphertext_changed" } })
    },
  )
})
