/**
 * Groups the files of a folder or zip: a picture, video or sound and the sidecars that describe it.
 * @module
 */

/** Files of one sample, in the order given. */
export interface StemGroup<T> {
  /** Folder and stem; for a separate file, its whole name. */
  readonly key: string
  readonly role: "member" | "metadata"
  readonly files: readonly T[]
}

const MEDIA = new Set(
  (
    "jpg jpeg jpe jfif png apng webp gif bmp dib tif tiff avif heic heif jxl jp2 j2k svg ico tga ppm pgm pbm pnm exr hdr psd " +
    "mp4 m4v mov webm mkv avi mpg mpeg wmv flv 3gp mp3 wav flac ogg opus m4a aac"
  ).split(" "),
)

const SIDECARS = new Set(
  "txt json jsonl caption cap captions tags tag npy npz xml yaml yml csv tsv md html pt pth safetensors cls pkl pickle".split(
    " ",
  ),
)

/** Tables over a folder's pictures, as Hugging Face's `imagefolder` reads them. */
const TABLE = /^metadata\.(?:csv|jsonl|parquet)$/

/** Whether a path is that of a table over a folder's pictures. */
export function isMetadataTable(path: string): boolean {
  return TABLE.test(path.slice(path.lastIndexOf("/") + 1))
}

/** Whether a path has the extension of a picture, video or sound. */
export function isMediaName(path: string): boolean {
  return MEDIA.has(extensionOf(path))
}

/** Makes the test whether a file describes a picture, video or sound among the given ones, by its name. */
export function describesMedia(paths: Iterable<string>): (path: string) => boolean {
  const media = new Set([...paths].filter(isMediaName))
  const stems = new Set([...media].map(stemOf))
  return (path) => ownerOf(path, media, stems) !== undefined
}

/** Whether a name ends as those of captions, labels and other files beside a picture do. */
export function isSidecarName(name: string): boolean {
  return SIDECARS.has(extensionOf(name))
}

/**
 * Groups files: those of one folder with one stem before the last dot, where at least one is a picture, video or sound;
 * also sidecars of the form `stem.jpg.txt`. Any other file is a group of its own.
 *
 * @param pathOf - Returns a file's path, `/` between parts.
 * @returns groups in the order of their first files.
 */
export function groupByStem<T>(files: readonly T[], pathOf: (file: T) => string): readonly StemGroup<T>[] {
  const paths = files.map(pathOf)
  const media = new Set(paths.filter((path) => MEDIA.has(extensionOf(path))))
  const stems = new Set([...media].map(stemOf))
  const groups = new Map<string, { key: string; role: "member" | "metadata"; files: T[] }>()
  for (const [index, file] of files.entries()) {
    const path = paths[index] ?? ""
    const stem = isMetadataTable(path) ? undefined : ownerOf(path, media, stems)
    // No path contains NUL, so a separate file never joins another's group.
    const id = stem ?? `${path}\0`
    const group = groups.get(id)
    if (group !== undefined) group.files.push(file)
    else groups.set(id, { key: stem ?? path, role: isMetadataTable(path) ? "metadata" : "member", files: [file] })
  }
  return [...groups.values()]
}

function ownerOf(path: string, media: ReadonlySet<string>, stems: ReadonlySet<string>): string | undefined {
  if (media.has(path)) return stemOf(path)
  for (let rest = path; SIDECARS.has(extensionOf(rest)); ) {
    rest = stemOf(rest)
    if (stems.has(rest)) return rest
    if (media.has(rest)) return stemOf(rest)
  }
  return undefined
}

function extensionOf(path: string): string {
  return path.slice(stemOf(path).length + 1).toLowerCase()
}

/** The path without its last extension; a dot at the start of a base name begins none. */
function stemOf(path: string): string {
  const dot = path.lastIndexOf(".")
  return dot > path.lastIndexOf("/") + 1 ? path.slice(0, dot) : path
}
