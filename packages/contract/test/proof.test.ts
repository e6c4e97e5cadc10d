import { createHmac, randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import {
  createPersonKey,
  createViewerKey,
  documentDigest,
  enrolmentProof,
  openViewing,
  sealViewing,
} from "../src/custodian/index.ts"

const shape = { mediaType: "image/png" }

describe("a viewing's envelope", () => {
  it.each([0, 1, 100_000])("opens only with the viewer's key, for its grant (%i bytes)", async (sizeBytes) => {
    const viewer = await createViewerKey()
    const bytes = Uint8Array.from(randomBytes(sizeBytes))
    const sealed = { ...(await sealViewing(bytes, viewer.publicKey, "grant-1")), ...shape }
    expect(await openViewing(sealed, viewer, "grant-1")).toEqual(bytes)
    await expect(openViewing(sealed, viewer, "grant-2")).rejects.toThrow()
    await expect(openViewing(sealed, await createViewerKey(), "grant-1")).rejects.toThrow()
  })

  it.each(["senderKey", "iv", "ciphertext"] as const)("does not open when its %s was exchanged", async (part) => {
    const viewer = await createViewerKey()
    const bytes = Uint8Array.from([1, 2, 3])
    const [one, other] = await Promise.all([1, 2].map(() => sealViewing(bytes, viewer.publicKey, "grant-1")))
    const mixed = { ...one!, [part]: other![part], ...shape }
    await expect(openViewing(mixed, viewer, "grant-1")).rejects.toThrow()
  })

  it("is not made for a key that is not a point of the curve", async () => {
    await expect(sealViewing(Uint8Array.from([1]), "A".repeat(87), "grant-1")).rejects.toThrow()
  })
})

it("a person's private key cannot be exported unless that was asked for", async () => {
  const kept = await createPersonKey()
  await expect(crypto.subtle.exportKey("jwk", kept.privateKey)).rejects.toThrow()
  const portable = await createPersonKey(true)
  expect(await crypto.subtle.exportKey("jwk", portable.privateKey)).toMatchObject({ crv: "P-256" })
})

it("an enrolment's proof is an HMAC under the code's letters and digits", async () => {
  const expected = createHmac("sha256", "ABCDE01234").update("ann\nkey").digest("base64url")
  for (const code of ["ABCDE-01234", "abcde 01234", "  AbCdE01234 "]) {
    expect(await enrolmentProof(code, "ann", "key")).toBe(expected)
  }
})

it("a document's digest does not depend on the order of its members", async () => {
  expect(await documentDigest({ a: 1, b: { c: 2, d: 3 } })).toBe(await documentDigest({ b: { d: 3, c: 2 }, a: 1 }))
  expect(await documentDigest({ a: 1 })).not.toBe(await documentDigest({ a: 2 }))
})
