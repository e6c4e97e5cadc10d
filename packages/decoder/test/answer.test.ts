import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { AnswerError, parseAnswers } from "../src/answer.ts"
import { DEFAULT_LIMITS } from "../src/limits.ts"
import type { InitMessage } from "../src/protocol.ts"

const INIT: InitMessage = { profile: "fullres", kernel: "fast", limits: DEFAULT_LIMITS, inFlight: 2, confineTo: null }

const view = (changes: object = {}) => ({
  frame: 0,
  background: "dropped",
  crop: "none",
  pdq: "a".repeat(64),
  quality: 100,
  dihedral: Array.from("abcdef01", (digit) => digit.repeat(64)),
  ...changes,
})

const picture = (changes: object = {}) => ({
  width: 10,
  height: 10,
  frames: 1,
  exifOrientation: 1,
  flags: [],
  profile: "fullres",
  kernel: "fast",
  views: [view()],
  ...changes,
})

const fingerprint = (changes: object = {}) => ({
  sizeBytes: 10,
  md5: "0".repeat(32),
  sha1: "0".repeat(40),
  sha256: "0".repeat(64),
  mediaType: "image/jpeg",
  kind: "picture",
  picture: picture(),
  ...changes,
})

const parse = (claim: unknown) => parseAnswers({ answers: [{ id: 1, early: false, fingerprint: claim }] }, INIT)

describe("parseAnswers", () => {
  it("returns a fingerprint unchanged, with known fields only", () => {
    expect(parse(fingerprint({ extra: "field" }))).toEqual([{ id: 1, early: false, fingerprint: fingerprint() }])
  })

  it.each<[string, object]>([
    ["a picture without hashes or a cause", { picture: undefined }],
    ["a video without a cause", { kind: "opaque", picture: undefined }],
    ["an unknown type without a cause", { kind: "unknown", picture: undefined }],
    ["no views", { picture: picture({ views: [] }) }],
    ["fewer views than frames", { picture: picture({ frames: 2 }) }],
    ["more views than possible", { picture: picture({ views: Array.from({ length: 105 }, () => view()) }) }],
    ["a first view that is not the whole frame", { picture: picture({ views: [view({ crop: "letterbox" })] }) }],
    ["a view of a missing frame", { picture: picture({ views: [view({ frame: 1 })] }) }],
    ["a hash in capitals", { picture: picture({ views: [view({ pdq: "A".repeat(64) })] }) }],
    ["a first orientation with another hash", { picture: picture({ views: [view({ pdq: "b".repeat(64) })] }) }],
    ["seven orientations", { picture: picture({ views: [view({ dihedral: view().dihedral.slice(1) })] }) }],
    ["a quality beyond 100", { picture: picture({ views: [view({ quality: 101 })] }) }],
    ["another kernel than was asked for", { picture: picture({ kernel: "exact" }) }],
    ["a digest that is too short", { sha256: "0".repeat(63) }],
    ["no digests", { md5: "", sha1: "", sha256: "" }],
    ["a cause that only the parent can report", { inconclusive: "decoder_died" }],
    ["an invalid type", { mediaType: "<script>" }],
    ["a negative size", { sizeBytes: -1 }],
  ])("refuses %s", (_, changes) => {
    expect(() => parse(fingerprint(changes))).toThrow(AnswerError)
  })

  it("refuses anything else with only its own error", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => parse(value)).toThrow(AnswerError)
        expect(() => parseAnswers(value, INIT)).toThrow(AnswerError)
      }),
    )
  })
})
