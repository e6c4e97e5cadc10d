/**
 * Whether a file is still the one that the plan found.
 * @module
 */
import { lstatSync } from "node:fs"
import { DependencyError, hasCode } from "@nightlight/core"
import type { ListedFile } from "../../readers/listed-file.ts"
import { sourcePath } from "../../readers/paths.ts"
import { sourceChanged } from "../../readers/source-changed.ts"

/**
 * Compares a file with what the plan found of it. A link in its place is another file, wherever it leads.
 *
 * @param root - Absolute real path of the dataset.
 * @throws {DependencyError} `source_changed` if it is gone or differs; `source_unreadable`.
 */
export function assertFileUnchanged(root: string, file: ListedFile): void {
  if (stateOf(root, file) !== "unchanged") throw sourceChanged()
}

/** As {@link assertFileUnchanged}, but a file that is gone passes. @throws {DependencyError} as there. */
export function assertNotReplaced(root: string, file: ListedFile): void {
  if (stateOf(root, file) === "replaced") throw sourceChanged()
}

function stateOf(root: string, file: ListedFile): "unchanged" | "replaced" | "gone" {
  try {
    const stat = lstatSync(sourcePath(root, file))
    const isSame = stat.isFile() && stat.size === file.sizeBytes && stat.mtimeMs === file.modifiedMs
    return isSame ? "unchanged" : "replaced"
  } catch (error) {
    if (hasCode(error, "ENOENT") || hasCode(error, "ENOTDIR")) return "gone"
    throw new DependencyError("source_unreadable", "a file of the dataset cannot be read", { cause: error })
  }
}
