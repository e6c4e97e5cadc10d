/**
 * The rows of a fingerprint sidecar: what a later hunt needs of an item, without its pixels or its name.
 * @module
 */
import { type Fingerprint, ORIENTATIONS, type PictureView } from "@nightlight/core"

/**
 * Rendition that a row's hash was made from: the picture as shown, as stored (where EXIF rotates it), its alpha on
 * white, black or grey, or nothing (not a picture). A sidecar stores the position in this list.
 */
export const SIDECAR_VIEWS = ["upright", "as-stored", "on-white", "on-black", "none", "on-grey"] as const

/** One of {@link SIDECAR_VIEWS}. */
export type SidecarView = (typeof SIDECAR_VIEWS)[number]

/** One view of one frame of an item; an item that is not a picture has one row with view `none`. */
export interface SidecarRow {
  /** Position of the item among all items of its shard, from 0. */
  readonly ordinal: number
  readonly frame: number
  readonly view: SidecarView
  readonly mediaType: string
  readonly sizeBytes: number
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
  /** 64 hexadecimal digits; zeros where there is none. */
  readonly pdq: string
  /** 0 to 100; -1 where there is no hash. */
  readonly pdqQuality: number
  /** The same with uniform bars at the edges cut off. */
  readonly pdqCropped: string
  readonly pdqCroppedQuality: number
  /** All eight hashes joined, 512 hexadecimal digits, in the order of core's `ORIENTATIONS`; empty where not kept. */
  readonly dihedral: string
  readonly dihedralCropped: string
}

/** Stands for a missing hash. */
export const NO_HASH = "0".repeat(64)
const NO_DIHEDRAL = "0".repeat(512)

/**
 * Which of the eight orientations shows a picture upright, by its EXIF orientation (1 to 8; TIFF 6.0, tag 274).
 * Orientation 6 says "turn a quarter clockwise to show", which is three quarters counter-clockwise.
 */
const UPRIGHT_BY_EXIF = [
  "upright",
  "upright",
  "flipY",
  "rotate180",
  "flipX",
  "flipPlus1",
  "rotate270",
  "flipMinus1",
  "rotate90",
] as const

/**
 * Turns an item's fingerprint into its rows, in the order of its views.
 *
 * @param keepOrientations - whether the rows hold all eight hashes; otherwise those fields are empty.
 */
export function sidecarRows(
  ordinal: number,
  fingerprint: Fingerprint,
  keepOrientations: boolean,
): readonly SidecarRow[] {
  const { sizeBytes, md5, sha1, sha256, mediaType, picture } = fingerprint
  const allHashes = (view: PictureView | undefined) =>
    keepOrientations ? (view?.dihedral.join("") ?? NO_DIHEDRAL) : ""
  const row = (
    { frame, view, orientation }: { readonly frame: number; readonly view: SidecarView; readonly orientation: number },
    seen?: PictureView,
    cropped?: PictureView,
  ): SidecarRow => ({
    ordinal,
    frame,
    view,
    mediaType,
    sizeBytes,
    md5,
    sha1,
    sha256,
    pdq: seen?.dihedral[orientation] ?? NO_HASH,
    pdqQuality: seen?.quality ?? -1,
    pdqCropped: cropped?.dihedral[orientation] ?? NO_HASH,
    pdqCroppedQuality: cropped?.quality ?? -1,
    dihedral: allHashes(seen),
    dihedralCropped: allHashes(cropped),
  })
  if (picture === undefined) return [row({ frame: 0, view: "none", orientation: 0 })]

  const upright = ORIENTATIONS.indexOf(UPRIGHT_BY_EXIF[picture.exifOrientation] ?? "upright")
  return picture.views
    .filter((view) => view.crop === "none")
    .flatMap((view) => {
      const crops = picture.views.filter(
        (other) => other.crop === "letterbox" && isLike(other, view) && other.isTurned === view.isTurned,
      )
      const [first, ...others] = crops
      // A hash of rotated pixels is better than a rotated hash.
      const hasTurned = picture.views.some((other) => other.isTurned && isLike(other, view))
      const shown = {
        frame: view.frame,
        view: VIEW_NAMES[view.background],
        orientation: hasTurned ? 0 : upright,
      }
      const isShown = view.isTurned || (upright === 0 && !hasTurned) || view.background !== "dropped"
      return [
        ...(hasTurned && !view.isTurned ? [] : [row(shown, view, first)]),
        ...(isShown ? [] : [row({ ...shown, view: "as-stored", orientation: 0 }, view, first)]),
        // Bars can be cropped in several ways; each further way has a row of its own.
        ...others.map((other) => row(shown, undefined, other)),
      ]
    })
}

function isLike(one: PictureView, other: PictureView): boolean {
  return one.frame === other.frame && one.background === other.background
}

const VIEW_NAMES = { dropped: "upright", white: "on-white", black: "on-black", grey: "on-grey" } as const
