/**
 * Files of the dataset that JSON records name.
 *
 * Source: LLaVA's data (`image`), Qwen-VL's and InternVL's (`image`, `images`, `video`), LLaMA-Factory's (`images`, `videos`,
 * `audios`), Hugging Face's (`file_name`).
 * @module
 */
import { posix } from "node:path"
import { isMediaName } from "../../readers/stem-groups.ts"
import type { JsonString } from "../records/json-strings.ts"

const FIELD = /^(?:.*_)?(?:(?:image|img|video|audio|media)s?(?:_?(?:paths?|files?|names?))?|file_?names?)$/i
const MAX_NAME_BYTES = 4_096

/** The picture, video or sound that a string of a record names, in a field for such files; `undefined` for others. */
export function namedFile(found: JsonString): string | undefined {
  const { bytes, hasEscapes } = found
  if (bytes.length > MAX_NAME_BYTES || !bytes.includes(DOT) || !FIELD.test(found.key)) return undefined
  const text = bytes.toString("utf8")
  const name = hasEscapes ? (JSON.parse(`"${text}"`) as string) : text
  return name.startsWith("data:") || name.includes("://") || !isMediaName(name) ? undefined : name
}

const DOT = 0x2e

/** Finds out whether a named file was withheld from a copy. */
export interface WithheldFiles {
  /** Paths of the dataset's files that are not in the copy. */
  readonly paths: readonly string[]
  /** Whether a file is in the copy. */
  readonly isWritten: (path: string) => boolean
}

/**
 * Makes the test whether a name is that of a withheld file. A name is looked up from the record's folder and those above
 * it. Where it is in none of them, since loaders are told a folder of pictures that is not known here, every withheld file
 * whose path ends with it counts.
 *
 * @param folder - Of the file with the records, relative to the root; empty for the root.
 */
export function createNameCheck(folder: string, { paths, isWritten }: WithheldFiles): (name: string) => boolean {
  const withheld = new Set(paths)
  const byBase = Map.groupBy(paths, (path) => posix.basename(path))
  return (name) => {
    const clean = posix.normalize(name.replaceAll("\\", "/").replace(/^\/+/, ""))
    const candidates = byBase.get(posix.basename(clean)) ?? []
    if (candidates.length === 0) return false
    for (let above = folder; ; above = above.slice(0, Math.max(0, above.lastIndexOf("/")))) {
      const path = posix.join(above, clean)
      if (withheld.has(path)) return true
      if (!path.startsWith("../") && isWritten(path)) return false
      if (above === "") break
    }
    const tail = clean.replace(/^(?:\.\.\/)+/, "")
    return candidates.some((path) => path === tail || path.endsWith(`/${tail}`))
  }
}
