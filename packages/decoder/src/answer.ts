/**
 * Validates a child's answers as hostile input: a decoder that was taken over may send anything.
 * @module
 */
import {
  compact,
  type Fingerprint,
  type InconclusiveCause,
  type MediaKind,
  ORIENTATIONS,
  type Picture,
  type PictureView,
} from "@nightlight/core"
import { MAX_CROPS } from "./child/letterbox.ts"
import { type Answer, type InitMessage, MAX_PART_BYTES, type WantMessage } from "./protocol.ts"

/** Thrown when a child's message is not a valid answer. */
export class AnswerError extends Error {
  override name = "AnswerError"
}

const KINDS: readonly MediaKind[] = ["picture", "text", "array", "archive", "opaque", "unknown"]

/** The causes that a child can report; only the parent reports the others. */
const CAUSES: readonly InconclusiveCause[] = [
  "media_unsupported",
  "media_unknown",
  "picture_undecodable",
  "picture_damaged",
  "pixel_limit",
  "byte_limit",
  "frame_limit",
  "time_limit",
  "memory_limit",
  "polyglot",
  "source_unreadable",
]

/** Alpha dropped, or on white, black or grey; whole or without bars; as stored or as turned by EXIF. */
const MAX_VIEWS_A_FRAME = 4 * (1 + MAX_CROPS) * 2

/**
 * Checks a message of answers, and rebuilds each answer from its known fields.
 *
 * @throws {AnswerError} when anything is invalid, or a picture without hashes has no cause.
 */
export function parseAnswers(header: unknown, init: InitMessage): Answer[] {
  const { answers } = asObject(header)
  return asArray(answers).map((entry) => {
    const { id, early, fingerprint } = asObject(entry)
    return { id: asCount(id), early: early === true, fingerprint: parseFingerprint(fingerprint, init) }
  })
}

/**
 * Checks a child's demand for a part of a stream; undefined for a message of answers.
 *
 * @throws {AnswerError} when anything about it is invalid.
 */
export function parseWant(header: unknown): WantMessage["want"] | undefined {
  const { want } = asObject(header)
  if (want === undefined) return undefined
  const fields = asObject(want)
  const [id, offset, length] = [asCount(fields["id"]), asCount(fields["offset"]), asCount(fields["length"])]
  if (length === 0 || length > MAX_PART_BYTES) throw new AnswerError("expected a part of a stream")
  return { id, offset, length }
}

function parseFingerprint(value: unknown, init: InitMessage): Fingerprint {
  const fields = asObject(value)
  const kind = asOneOf(fields["kind"], KINDS)
  const cause = fields["inconclusive"]
  const inconclusive = cause === undefined ? undefined : asOneOf(cause, CAUSES)
  const isUnread = inconclusive === "source_unreadable"
  const digest = (name: string, digits: number) => (isUnread ? "" : asHex(fields[name], digits))
  const fingerprint = compact({
    sizeBytes: asCount(fields["sizeBytes"]),
    md5: digest("md5", 32),
    sha1: digest("sha1", 40),
    sha256: digest("sha256", 64),
    mediaType: asMediaType(fields["mediaType"]),
    kind,
    inconclusive,
  })
  if (fields["picture"] !== undefined) return { ...fingerprint, picture: parsePicture(fields["picture"], init) }
  const mustSayWhy = kind === "picture" || kind === "opaque" || kind === "unknown"
  expect(!mustSayWhy || inconclusive !== undefined)
  return fingerprint
}

function parsePicture(value: unknown, { profile, kernel, limits }: InitMessage): Picture {
  const fields = asObject(value)
  const frames = asCount(fields["frames"])
  const views = asArray(fields["views"]).map((view) => parseView(view, frames))
  expect(frames >= 1 && frames <= limits.maxFrames)
  expect(views.length >= frames && views.length <= frames * MAX_VIEWS_A_FRAME)
  expect(views[0]?.background === "dropped" && views[0].crop === "none")
  expect(fields["profile"] === profile && fields["kernel"] === kernel)
  const exifOrientation = asCount(fields["exifOrientation"])
  expect(exifOrientation >= 1 && exifOrientation <= 8)
  const flags = asArray(fields["flags"]).map((flag) => asOneOf(flag, ["truncated", "damaged"] as const))
  const width = asCount(fields["width"])
  const height = asCount(fields["height"])
  return { width, height, frames, exifOrientation, flags, profile, kernel, views }
}

function parseView(value: unknown, frames: number): PictureView {
  const fields = asObject(value)
  const frame = asCount(fields["frame"])
  const quality = asCount(fields["quality"])
  expect(frame < frames && quality <= 100)
  const dihedral = asHashes(fields["dihedral"])
  const pdq = fields["pdq"]
  expect(typeof pdq === "string" && dihedral[0] === pdq)
  return compact({
    frame,
    background: asOneOf(fields["background"], ["dropped", "white", "black", "grey"] as const),
    crop: asOneOf(fields["crop"], ["none", "letterbox"] as const),
    isTurned: fields["isTurned"] === true ? true : undefined,
    pdq: pdq as string,
    quality,
    dihedral,
  })
}

function expect(holds: boolean): void {
  if (!holds) throw new AnswerError("expected a valid answer of a decoder")
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  expect(typeof value === "object" && value !== null && !Array.isArray(value))
  return value as Readonly<Record<string, unknown>>
}

function asArray(value: unknown): readonly unknown[] {
  expect(Array.isArray(value))
  return value as readonly unknown[]
}

function asCount(value: unknown): number {
  expect(Number.isSafeInteger(value) && (value as number) >= 0)
  return value as number
}

const HEX = { 32: /^[0-9a-f]{32}$/, 40: /^[0-9a-f]{40}$/, 64: /^[0-9a-f]{64}$/ } as const

function asHex(value: unknown, digits: number): string {
  expect(typeof value === "string" && HEX[digits as keyof typeof HEX].test(value))
  return value as string
}

/** Checks all eight in one expression for speed, because this is most of an answer's cost. */
function asHashes(value: unknown): readonly string[] {
  const hashes = asArray(value)
  expect(
    hashes.length === ORIENTATIONS.length && hashes.every((hash) => typeof hash === "string" && hash.length === 64),
  )
  expect(/^[0-9a-f]+$/.test(hashes.join("")))
  return hashes as readonly string[]
}

function asMediaType(value: unknown): string {
  expect(typeof value === "string" && /^[a-z]+\/[a-z0-9.+-]{1,100}$/.test(value))
  return value as string
}

function asOneOf<T extends string>(value: unknown, allowed: readonly T[]): T {
  expect(allowed.includes(value as T))
  return value as T
}
