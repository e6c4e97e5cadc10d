import { createHash } from "node:crypto"
import type { Fingerprint, Match, PictureView, Signals } from "@nightlight/core"

/** A PDQ-like hash that depends on a seed. */
export function pdqOf(seed: string): string {
  return createHash("sha256").update(`pdq ${seed}`).digest("hex")
}

/** The hash with its first `count` bits (from the right) flipped. */
export function flipBits(hash: string, count: number): string {
  return (BigInt(`0x${hash}`) ^ ((1n << BigInt(count)) - 1n)).toString(16).padStart(64, "0")
}

/** A view with eight distinct hashes. */
export function aView(seed: string, changes: Partial<PictureView> = {}): PictureView {
  const dihedral = changes.dihedral ?? Array.from({ length: 8 }, (_, i) => pdqOf(`${seed} ${i}`))
  return { frame: 0, background: "dropped", crop: "none", quality: 90, pdq: dihedral[0]!, ...changes, dihedral }
}

/** The digests of some bytes. */
export function digestsOf(bytes: Uint8Array) {
  const digest = (algorithm: string) => createHash(algorithm).update(bytes).digest("hex")
  return { md5: digest("md5"), sha1: digest("sha1"), sha256: digest("sha256") }
}

/** A picture's fingerprint; its digests are those of the seed's text. */
export function aPicture(seed: string, views: readonly PictureView[] = [aView(seed)]): Fingerprint {
  const bytes = new TextEncoder().encode(seed)
  return {
    sizeBytes: bytes.length,
    ...digestsOf(bytes),
    mediaType: "image/png",
    kind: "picture",
    picture: {
      width: 64,
      height: 64,
      frames: 1,
      exifOrientation: 1,
      flags: [],
      profile: "fullres",
      kernel: "exact",
      views,
    },
  }
}

/** A match; by default a near PDQ match of a trusted list. */
export function aMatch(changes: Partial<Match> = {}): Match {
  return {
    list: "a-list",
    trust: "trusted",
    entry: 0,
    category: "unspecified",
    snapshot: 1,
    hashType: "pdq",
    distanceBits: 3,
    radiusBits: 31,
    quality: 90,
    ...changes,
  }
}

/** Signals; by default a screened picture without matches or scores. */
export function someSignals(changes: Partial<Signals> = {}): Signals {
  return {
    matches: [],
    weakMatches: [],
    scores: [],
    mediaType: "image/png",
    kind: "picture",
    screened: true,
    ...changes,
  }
}
