import { openAsBlob } from "node:fs"
import { DependencyError } from "@nightlight/core"

/** Opens a sealed file to be uploaded as it is. @throws {DependencyError} `source_unreadable` if it is not there. */
export function openSealed(path: string): Promise<Blob> {
  return openAsBlob(path).catch(() => {
    throw new DependencyError("source_unreadable", "a sealed file of this workspace cannot be read")
  })
}
