import { isFingerprint, matchFingerprint } from "@nightlight/screening"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  asContext,
  claimedFingerprint,
  claimedSha256,
  declaredDigests,
  placeOf,
  sourceUrls,
} from "../../../src/intake/findings/sealed-context.ts"

const document = {
  scan: "s-000001",
  shard: "x",
  ordinal: 0,
  sizeBytes: 10,
  mediaType: "image/jpeg",
  kind: "picture",
  foundAt: "2026-05-31T10:00:00.000Z",
}
const none = { version: 1, lists: [], matchDigests: () => [], matchPdq: () => [], entryHash: () => "" }
const hex = (digits: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${digits}}$`))
const views = fc.array(
  fc.record(
    {
      frame: fc.oneof(fc.nat(3), fc.constant(-1), fc.constant("0")),
      background: fc.constantFrom("dropped", "white", "purple"),
      crop: fc.constantFrom("none", "letterbox", ""),
      pdq: fc.oneof(hex(64), fc.string()),
      quality: fc.oneof(fc.integer({ min: -5, max: 120 }), fc.string()),
      dihedral: fc.oneof(fc.array(hex(64), { maxLength: 9 }), fc.anything()),
    },
    { requiredKeys: [] },
  ),
)
const contexts = fc.oneof(
  fc.jsonValue(),
  fc.record({
    digests: fc.record({ md5: hex(32), sha1: hex(40), sha256: hex(64) }, { requiredKeys: [] }),
    pdq: fc.oneof(views, fc.jsonValue()),
    declared: fc.jsonValue(),
    otherDigests: fc.oneof(fc.array(fc.record({ md5: hex(32) })), fc.jsonValue()),
    otherUrls: fc.oneof(fc.array(fc.webUrl()), fc.jsonValue()),
    sourceUrl: fc.oneof(fc.webUrl(), fc.string(), fc.jsonValue()),
    dataset: fc.jsonValue(),
  }),
)

describe("a sealed context, which anybody may have written", () => {
  it("is matched again by every address and digest that its sample states", () => {
    const own = { sourceUrl: "https://own.example/", declared: { md5: "0".repeat(32) } }
    const context = { ...own, otherUrls: ["https://page.example/", 7], otherDigests: [{ sha1: "1".repeat(40) }, "a"] }
    expect(sourceUrls(context)).toEqual(["https://own.example/", "https://page.example/"])
    expect(declaredDigests(context)).toEqual([{ md5: "0".repeat(32) }, { sha1: "1".repeat(40) }])
  })

  it("always gives a fingerprint that can be matched, whatever stands in it", () => {
    fc.assert(
      fc.property(contexts, (value) => {
        const context = asContext(value)
        const fingerprint = claimedFingerprint(context, document)
        expect(isFingerprint(fingerprint, true)).toBe(true)
        expect(() => matchFingerprint(fingerprint, none, { declaredDigests: declaredDigests(context) })).not.toThrow()
        expect(sourceUrls(context).every((url) => typeof url === "string")).toBe(true)
        expect(claimedSha256(context) ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/)
        expect(typeof placeOf(context).dataset).toBe("string")
      }),
      { numRuns: 300 },
    )
  })

  it("keeps sound digests and views, and turned hashes only where they belong to the upright one", () => {
    const [pdq, other] = ["a".repeat(64), "b".repeat(64)]
    const view = { frame: 0, background: "dropped", crop: "none", pdq, quality: 90 }
    const digests = { md5: "0".repeat(32), sha1: "1".repeat(40), sha256: "2".repeat(64) }
    const of = (dihedral: readonly string[]) =>
      claimedFingerprint(asContext({ digests, pdq: [{ ...view, dihedral: [...dihedral] }] }), document).picture
        ?.views[0]
    expect(of([pdq, ...Array<string>(7).fill(other)])?.dihedral).toHaveLength(8)
    expect(of([other, ...Array<string>(7).fill(other)])?.dihedral).toEqual([pdq])
    expect(of([pdq])?.dihedral).toEqual([pdq])
    const place = placeOf(asContext({ dataset: "/data", sourceUrl: "https://pictures.example:8443/1.jpg" }))
    expect(place).toEqual({ dataset: "/data", host: "pictures.example:8443" })
  })
})
