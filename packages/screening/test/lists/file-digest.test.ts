import { createHash } from "node:crypto"
import { mkdtemp, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, it } from "vitest"
import { hasDigest } from "../../src/lists/file-digest.ts"

it.each([
  ["a small file, digested in this thread", 3_000_001],
  ["a large file, digested in a thread of its own", 65 * 1_048_576],
])("verifies %s, and refuses it when a bit, its end or its length changed", async (_, sizeBytes) => {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-digest-"))
  try {
    await using file = await open(join(folder, "records.bin"), "w+")
    await file.truncate(sizeBytes)
    await file.write(Buffer.from("end"), 0, 3, sizeBytes - 3)
    const expected = {
      sizeBytes,
      sha256: createHash("sha256")
        .update(await file.readFile())
        .digest("hex"),
    }
    expect(await hasDigest(file, expected)).toBe(true)
    await file.write(Buffer.from("f"), 0, 1, sizeBytes - 1)
    expect(await hasDigest(file, expected)).toBe(false)
    await file.write(Buffer.from("d"), 0, 1, sizeBytes - 1)
    expect(await hasDigest(file, expected)).toBe(true)
    await file.truncate(sizeBytes - 1)
    expect(await hasDigest(file, expected)).toBe(false)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

it("rejects when a large file cannot be read in its thread", async () => {
  const folder = await mkdtemp(join(tmpdir(), "nightlight-digest-"))
  try {
    const path = join(folder, "records.bin")
    await using file = await open(path, "w")
    await file.truncate(65 * 1_048_576)
    await expect(hasDigest(file, { sizeBytes: 65 * 1_048_576, sha256: "" })).rejects.toMatchObject({ code: "EBADF" })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
