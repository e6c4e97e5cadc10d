import { describe, expect, it } from "vitest"
import { isFingerprint } from "../src/index.ts"
import { aPicture, aView } from "./support/builders.ts"

const picture = aPicture("a picture")
const withView = (changes: object) => ({
  ...picture,
  picture: { ...picture.picture, views: [{ ...aView("v"), ...changes }] },
})

describe("a fingerprint", () => {
  it("is accepted when it is complete", () => {
    expect(isFingerprint(picture)).toBe(true)
    const { picture: _, ...text } = { ...picture, kind: "text" }
    expect(isFingerprint(text)).toBe(true)
    expect(isFingerprint({ ...text, kind: "picture", inconclusive: "picture_undecodable" })).toBe(true)
  })

  const view = aView("v")
  it.each<[string, unknown]>([
    ["nothing", undefined],
    ["null", null],
    ["text", "fingerprint"],
    ["a list", []],
    ["no size", { ...picture, sizeBytes: undefined }],
    ["a negative size", { ...picture, sizeBytes: -1 }],
    ["an upper-case digest", { ...picture, sha256: picture.sha256.toUpperCase() }],
    ["a short digest", { ...picture, sha1: picture.sha1.slice(1) }],
    ["no digest", { ...picture, md5: null }],
    ["another kind", { ...picture, kind: "picture\nclear" }],
    ["another cause", { ...picture, inconclusive: "none" }],
    ["a picture without pixels and without a cause", { ...picture, picture: undefined }],
    ["no views", { ...picture, picture: { ...picture.picture, views: [] } }],
    ["views that are not a list", { ...picture, picture: { ...picture.picture, views: { length: 1 } } }],
    ["an empty view", { ...picture, picture: { ...picture.picture, views: [null] } }],
    ["seven orientations", withView({ dihedral: view.dihedral.slice(1), pdq: view.dihedral[1] })],
    ["one orientation", withView({ dihedral: [view.pdq] })],
    ["another upright hash", withView({ pdq: view.dihedral[1] })],
    ["an invalid hash", withView({ dihedral: [...view.dihedral.slice(0, 7), "x".repeat(64)] })],
    ["no quality", withView({ quality: Number.NaN })],
    ["too much quality", withView({ quality: 101 })],
    ["no frame", withView({ frame: -1 })],
  ])("is refused when it is, or has, %s", (_, value) => {
    expect(isFingerprint(value)).toBe(false)
  })

  it("may lack digests only with a cause, and then has no pixels either", () => {
    const { picture: _, ...undigested } = { ...picture, md5: "", sha1: "", sha256: "", inconclusive: "decoder_died" }
    expect(isFingerprint(undigested)).toBe(true)
    expect(isFingerprint({ ...undigested, md5: picture.md5 })).toBe(false)
    expect(isFingerprint({ ...undigested, kind: "text", inconclusive: undefined })).toBe(false)
    expect(isFingerprint({ ...undigested, inconclusive: "media_unsupported" })).toBe(false)
    expect(isFingerprint({ ...undigested, picture: picture.picture })).toBe(false)
  })

  it("from a sidecar may have only the upright hash", () => {
    expect(isFingerprint(withView({ dihedral: [view.pdq] }), true)).toBe(true)
    expect(isFingerprint(withView({ dihedral: view.dihedral.slice(0, 2) }), true)).toBe(false)
    expect(isFingerprint(withView({ dihedral: [] }), true)).toBe(false)
  })
})
