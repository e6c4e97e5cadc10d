/**
 * Globs of paths that are not read: `*` and `?` within a name, `**` over folders. Matching takes time in proportion to
 * glob and path, whatever they are.
 * @module
 */
import { RequestError } from "./errors.ts"

/** Whether a path, relative to the root with `/` between its parts, is not to be read. */
export type PathFilter = (path: string) => boolean

/** Longest glob, in characters. */
const MAX_LENGTH = 1_000

/**
 * Compiles globs to one filter. A glob without `/` fits a name in any folder; one with `/` fits the path from the root. A
 * folder that fits is not read at all.
 *
 * @throws {RequestError} `input_invalid` if one is empty, absolute, too long, or goes up by `..`.
 */
export function compileGlobs(globs: readonly string[]): PathFilter {
  const compiled = globs.map(compile)
  return (path) => {
    const parts = path.split("/")
    return compiled.some((glob) => fits(glob, parts, fitsName))
  }
}

function compile(glob: string): readonly string[] {
  const parts = glob.replace(/\/$/, "").split("/")
  if (glob === "" || glob.startsWith("/") || parts.includes("..") || glob.length > MAX_LENGTH) {
    throw new RequestError("input_invalid", "expected a glob of paths below the dataset's root, such as drafts/**", {
      hint: "A glob without / fits a name in any folder, one with / the path below the root.",
    })
  }
  const anchored = parts.length > 1 ? parts : ["**", ...parts]
  return anchored.filter((part) => part !== ".")
}

function fitsName(pattern: string, name: string): boolean {
  return fits(Array.from(pattern), Array.from(name), (sign, letter) => sign === "?" || sign === letter, "*")
}

/**
 * Matches a pattern of single signs and of one sign that stands for any number. Only the last such sign is ever tried
 * again, so the time is at most the product of both lengths.
 */
function fits(
  pattern: readonly string[],
  values: readonly string[],
  isMatch: (sign: string, value: string) => boolean,
  many = "**",
): boolean {
  let [position, value, retryPosition, retryValue] = [0, 0, -1, 0]
  while (value < values.length) {
    const sign = pattern[position]
    if (sign === many) {
      retryPosition = position++
      retryValue = value
    } else if (sign !== undefined && isMatch(sign, values[value] ?? "")) {
      position++
      value++
    } else if (retryPosition >= 0) {
      position = retryPosition + 1
      value = ++retryValue
    } else return false
  }
  while (pattern[position] === many) position++
  return position === pattern.length
}
