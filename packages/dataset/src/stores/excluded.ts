import type { PathFilter } from "@nightlight/core"

/** Whether a path, or a folder that it lies in, is not to be read. @param path - Relative to the root; `.` for itself. */
export function isInExcluded(path: string, isExcluded: PathFilter): boolean {
  return path !== "." && excludedPart(path, isExcluded) !== undefined
}

/** The first folder of a path that is not to be read, or the path itself; undefined if all of it is read. */
export function excludedPart(path: string, isExcluded: PathFilter): string | undefined {
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    if (isExcluded(path.slice(0, slash))) return path.slice(0, slash)
  }
  return isExcluded(path) ? path : undefined
}
