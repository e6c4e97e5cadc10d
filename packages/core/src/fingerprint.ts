/**
 * Facts about an item's bytes, from digesting and, for a picture, decoding them.
 *
 * A fingerprint crosses from the decoder child to its parent as JSON, so every field is a JSON value; hashes are
 * lower-case hexadecimal strings.
 * @module
 */

/**
 * How a picture is prepared for the hash: `fullres` hashes every pixel, `ref512nn` first stretches to 512x512, nearest
 * neighbour.
 */
export type PdqProfile = "fullres" | "ref512nn"

/** Which PDQ kernel made a hash; `fast` differs from `exact` by at most 4 bits. */
export type PdqKernel = "exact" | "fast"

/**
 * The eight dihedral orientations in the order every list of eight hashes uses. `rotate90` is counter-clockwise,
 * `flipX` is top-bottom, `flipY` is left-right (mirror), `flipPlus1` transposes on the main diagonal.
 */
export const ORIENTATIONS = [
  "upright",
  "rotate90",
  "rotate180",
  "rotate270",
  "flipX",
  "flipY",
  "flipPlus1",
  "flipMinus1",
] as const

/** One of the eight dihedral orientations. */
export type Orientation = (typeof ORIENTATIONS)[number]

/**
 * How transparent pixels were treated: alpha dropped (as in PDQ's reference), or composed on white, black or middle
 * grey.
 */
export type Background = "dropped" | "white" | "black" | "grey"

/** Whether the hash covers the whole frame, or the frame without bars at its edges. */
export type Crop = "none" | "letterbox"

/** One hashed view of one frame of a picture. */
export interface PictureView {
  /** Frame or page, from 0; pictures within the file's metadata follow. */
  readonly frame: number
  readonly background: Background
  readonly crop: Crop
  /** True where the pixels were rotated by EXIF before hashing; absent where they were hashed as stored. */
  readonly isTurned?: true
  /** PDQ hash: 64 hexadecimal digits, bit 255 first. */
  readonly pdq: string
  /** PDQ quality, 0 to 100. Below 50 a hash is too unreliable to match. */
  readonly quality: number
  /** The eight hashes in the order of {@link ORIENTATIONS}; the first equals {@link pdq}. */
  readonly dihedral: readonly string[]
}

/** Anomalies of a picture that could still be decoded. */
export type PictureFlag = "truncated" | "damaged"

/** The decoder's facts about a picture. */
export interface Picture {
  /** Pixels as stored, before EXIF rotation. */
  readonly width: number
  readonly height: number
  /** Frames or pages, and pictures within the file's metadata, at least 1. */
  readonly frames: number
  /** EXIF orientation, 1 to 8; 1 where none is given. */
  readonly exifOrientation: number
  readonly flags: readonly PictureFlag[]
  readonly profile: PdqProfile
  readonly kernel: PdqKernel
  /** At least one view per frame; the one with alpha dropped and the whole frame comes first. */
  readonly views: readonly PictureView[]
}

/** The kind of a file, by its content, which decides how it is screened. */
export type MediaKind =
  /** Raster picture that the decoder reads. */
  | "picture"
  /** Text, JSON, CSV, XML without script: matched by digest. */
  | "text"
  /** Numeric arrays (npy, safetensors): matched by digest, and hashed where their shape is that of pictures. */
  | "array"
  /** zip, tar, gzip, zstd, a WARC record: a reader opens it. */
  | "archive"
  /** Media that cannot be screened yet: video, audio, HEIC, SVG, PDF. */
  | "opaque"
  /** Unknown. */
  | "unknown"

/** Why an item could not be screened; every cause makes the decision `inconclusive`. */
export type InconclusiveCause =
  | "media_unsupported"
  | "media_unknown"
  | "picture_undecodable"
  /** Truncated or damaged: what decodes is hashed and matched, the rest was not screened. */
  | "picture_damaged"
  | "pixel_limit"
  | "byte_limit"
  | "frame_limit"
  | "time_limit"
  | "memory_limit"
  | "decoder_died"
  | "polyglot"
  | "source_unreadable"
  | "archive_encrypted"
  | "archive_limit"
  | "archive_malformed"
  | "name_unsafe"
  /** The decoder returned no fingerprint, or a malformed one. */
  | "fingerprint_failed"
  /** The index over the lists, or the list of false positives, failed. */
  | "lists_failed"
  | "classifier_failed"
  | "classifier_timed_out"
  /** A condition of the policy could not be evaluated. */
  | "policy_failed"
  /** The bytes read later differ from those that were fingerprinted. */
  | "source_changed"

/** Digests and perceptual hashes of one item. */
export interface Fingerprint {
  readonly sizeBytes: number
  /** Lower-case hexadecimal digests of all of the item's bytes; empty where none could be read. */
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  /** Real type by content, such as `image/jpeg`; `application/octet-stream` where unknown. */
  readonly mediaType: string
  readonly kind: MediaKind
  /** Present when at least one frame was decoded. */
  readonly picture?: Picture
  /** Present when the item, or a part of it, could not be screened. Digests still cover the whole. */
  readonly inconclusive?: InconclusiveCause
}

/** The fingerprint of a source of which no byte could be read. */
export const UNREAD: Fingerprint = {
  sizeBytes: 0,
  md5: "",
  sha1: "",
  sha256: "",
  mediaType: "application/octet-stream",
  kind: "unknown",
  inconclusive: "source_unreadable",
}
