/**
 * Validates a fingerprint that comes from the decoder or from a sidecar.
 * @module
 */
import { type Fingerprint, ORIENTATIONS, type Picture, type PictureView } from "@nightlight/core"
import { INCONCLUSIVE_CAUSES, MEDIA_KINDS } from "../decide/vocabulary.ts"

const MAX_VIEWS = 100_000
const KINDS: ReadonlySet<unknown> = new Set(MEDIA_KINDS)
const CAUSES: ReadonlySet<unknown> = new Set(INCONCLUSIVE_CAUSES)

/**
 * Whether a value is a fingerprint that can be matched, or one that states why it cannot. Hand-written for speed: it
 * runs for every picture of a scan.
 *
 * @param stored - a sidecar's view may have only its upright hash; a fresh one has all eight.
 */
export function isFingerprint(value: unknown, stored = false): value is Fingerprint {
  const fingerprint = value as Partial<Fingerprint> | null
  if (typeof fingerprint !== "object" || fingerprint === null) return false
  const { sizeBytes, mediaType, kind, picture, inconclusive } = fingerprint
  return (
    isCount(sizeBytes) &&
    typeof mediaType === "string" &&
    KINDS.has(kind) &&
    (inconclusive === undefined || CAUSES.has(inconclusive)) &&
    // A picture without pixels and without a cause would pass unscreened.
    (picture === undefined ? kind !== "picture" || inconclusive !== undefined : isPicture(picture, stored)) &&
    (isUndigested(fingerprint) || hasDigests(fingerprint))
  )
}

/**
 * Whether an item could not be digested: its digests are empty, and it has a cause. An unsupported type is not such a
 * cause, so no media exception lets the item through.
 */
export function isUndigested(fingerprint: Partial<Fingerprint>): boolean {
  const { md5, sha1, sha256, picture, inconclusive } = fingerprint
  const empty = md5 === "" && sha1 === "" && sha256 === ""
  return empty && picture === undefined && inconclusive !== undefined && inconclusive !== "media_unsupported"
}

function hasDigests({ md5, sha1, sha256 }: Partial<Fingerprint>): boolean {
  return isHex(md5, 32) && isHex(sha1, 40) && isHex(sha256, 64)
}

function isPicture({ views }: Partial<Picture>, stored: boolean): boolean {
  if (!Array.isArray(views) || views.length === 0 || views.length > MAX_VIEWS) return false
  return views.every((view: Partial<PictureView> | null) => view !== null && isView(view, stored))
}

function isView({ frame, background, crop, pdq, quality, dihedral }: Partial<PictureView>, stored: boolean): boolean {
  return (
    isCount(frame) &&
    typeof background === "string" &&
    typeof crop === "string" &&
    typeof quality === "number" &&
    quality >= 0 &&
    quality <= 100 &&
    Array.isArray(dihedral) &&
    (dihedral.length === ORIENTATIONS.length || (stored && dihedral.length === 1)) &&
    dihedral[0] === pdq &&
    areHashes(dihedral)
  )
}

/** Checks all of a view's hashes in one expression for speed. */
function areHashes(hashes: readonly unknown[]): boolean {
  return hashes.every((hash) => typeof hash === "string" && hash.length === 64) && /^[0-9a-f]+$/.test(hashes.join(""))
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
}

function isHex(value: unknown, digits: number): boolean {
  return typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value)
}
