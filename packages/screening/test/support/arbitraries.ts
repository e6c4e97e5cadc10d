import { compact, type InconclusiveCause, type Match, ORIENTATIONS, type Score, type Signals } from "@nightlight/core"
import fc from "fast-check"
import { INCONCLUSIVE_CAUSES, MEDIA_KINDS } from "../../src/decide/vocabulary.ts"

const transformation = fc.record({
  orientation: fc.constantFrom(...ORIENTATIONS),
  crop: fc.constantFrom("none" as const, "letterbox" as const),
  background: fc.constantFrom("dropped" as const, "white" as const, "black" as const),
  frame: fc.nat(100),
})

/** Any match, of any list. */
export const anyMatch: fc.Arbitrary<Match> = fc.record({
  list: fc.constantFrom("a-list", "b-list", "c-list"),
  trust: fc.constantFrom("trusted", "unverified", "test"),
  entry: fc.nat(1000),
  category: fc.constantFrom("unspecified", "a-category"),
  snapshot: fc.integer({ min: 1, max: 9 }),
  hashType: fc.constantFrom("md5", "sha1", "sha256", "pdq"),
  distanceBits: fc.integer({ min: 0, max: 31 }),
  radiusBits: fc.constant(31),
  quality: fc.integer({ min: 50, max: 100 }),
  transformation,
  declared: fc.boolean(),
})

const anyScore: fc.Arbitrary<Score> = fc.record({
  classifier: fc.constantFrom("adult", "minor"),
  label: fc.constantFrom("x", "y"),
  score: fc.double({ min: 0, max: 1, noNaN: true }),
})

const anyCause: fc.Arbitrary<InconclusiveCause> = fc.constantFrom(...INCONCLUSIVE_CAUSES)

export const anySignals: fc.Arbitrary<Signals> = fc
  .record({
    matches: fc.array(anyMatch, { maxLength: 5 }),
    weakMatches: fc.array(anyMatch, { maxLength: 3 }),
    scores: fc.array(anyScore, { maxLength: 3 }),
    inconclusive: fc.option(anyCause, { nil: undefined }),
    mediaType: fc.constantFrom("image/jpeg", "video/mp4", "text/plain"),
    kind: fc.constantFrom(...MEDIA_KINDS),
    screened: fc.boolean(),
  })
  .map(({ inconclusive, ...signals }) => ({ ...signals, ...compact({ inconclusive }) }))

/** Conditions of every kind, true and false ones. */
export const anyCondition: fc.Arbitrary<string> = fc.constantFrom(
  "true",
  "false",
  "size(matches) == 0",
  "size(matches) > 1 && size(weakMatches) < 2",
  'matches.exists(m, m.trust == "trusted" && m.hashType in ["sha1", "sha256"])',
  'matches.all(m, m.trust == "test" || m.declared)',
  'matches.exists_one(m, m.hashType == "pdq" && m.distanceBits <= 10)',
  'size(matches.filter(m, m.category == "a-category")) >= 2',
  "matches.exists(a, matches.exists(b, a.list != b.list && a.hashType == b.hashType))",
  'weakMatches.exists(m, m.crop == "letterbox" || m.orientation == "flipY")',
  'scores.exists(s, s.classifier == "adult" && s.score > 0.5)',
  '!(inconclusive in ["", "polyglot"])',
  'screened ? mediaType.startsWith("video/") : kind == "opaque"',
)
