import { readFile } from "node:fs/promises"
import { describe, expect, it } from "vitest"
import * as sealEntry from "../src/seal.ts"

/** Every source file that an entry reaches by imports that stay at run time. */
async function reachableFrom(entry: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  const visit = async (url: URL): Promise<void> => {
    if (found.has(url.pathname)) return
    const text = await readFile(url, "utf8")
    found.set(url.pathname, text)
    for (const [, target] of text.matchAll(/from "(\.[^"]+)"/g)) await visit(new URL(target!, url))
  }
  await visit(new URL(entry, import.meta.url))
  return found
}

describe("the seal entry", () => {
  it("reaches nothing that opens evidence or signs", async () => {
    const sources = await reachableFrom("../src/seal.ts")
    expect(sources.size).toBeGreaterThan(10)
    for (const text of sources.values()) {
      expect(text).not.toMatch(/Decrypter|addIdentity|createPrivateKey|unlockIdentity|generateX25519Identity/)
    }
    expect(
      Object.keys(sealEntry)
        .filter((name) => /open|unlock|unseal|sign|identity/i.test(name))
        .sort(),
    ).toEqual(["openEvidenceStore", "openKeyedDigest", "openVerifier"])
  })

  it("is watched by a search that would find it: the open entry opens", async () => {
    const sources = await reachableFrom("../src/open.ts")
    expect([...sources.values()].some((text) => /Decrypter/.test(text))).toBe(true)
  })
})
