/**
 * Assigns members to samples in a WebDataset shard.
 *
 * Source: webdataset, `tariterators.py`: `base_plus_ext` splits by a regular expression, `tar_file_iterator` skips
 * `__[^/]*__($|/)`, `group_by_keys` lower-cases the extension.
 * @module
 */

/** How a loader reads a member's name. */
export type WebDatasetName =
  | { readonly kind: "keyed"; readonly key: string; readonly extension: string }
  /** Skipped by loaders: no dot, or a dot-file. */
  | { readonly kind: "keyless" }
  /** About the shard, such as `__meta__`. */
  | { readonly kind: "metadata" }

/**
 * Splits a member's name as the loaders do: the key is the folder and the base name up to its first dot. The result is
 * that of the loaders' regular expressions, in linear time for any name.
 */
export function parseWebDatasetName(name: string): WebDatasetName {
  if (isMetadataName(name)) return { kind: "metadata" }
  const base = name.lastIndexOf("/") + 1
  const dot = name.indexOf(".", base)
  if (dot === -1 || !hasStem(name, base, dot)) return { kind: "keyless" }
  return { kind: "keyed", key: name.slice(0, dot), extension: name.slice(dot + 1).toLowerCase() }
}

/**
 * Whether the loaders' expression, `[^.]+` after nothing or after a slash, can end at the dot: some part behind a slash, or the whole, is free of dots. A
 * dot-file in a folder without dots passes (`a/.b` has the key `a/`), and `.` does not match a line feed.
 */
function hasStem(name: string, base: number, dot: number): boolean {
  const lastDot = name.lastIndexOf(".", dot - 1)
  if (dot === 0) return false
  if (lastDot === -1) return true
  const slash = name.indexOf("/", lastDot)
  if (slash === -1 || slash + 1 >= dot || slash >= base) return false
  const feed = name.indexOf("\n")
  return feed === -1 || feed > slash
}

function isMetadataName(name: string): boolean {
  if (!name.startsWith("__")) return false
  const slash = name.indexOf("/")
  const first = slash === -1 ? name.replace(/\n$/, "") : name.slice(0, slash)
  return first.length >= 4 && first.endsWith("__")
}
