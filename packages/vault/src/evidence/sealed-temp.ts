import { join } from "node:path"
import { NewFile, shareSealed, tempName } from "@nightlight/durable"

/** Begins a sealed file under a temporary name in a folder. @throws {DependencyError} `disk_full`, `write_failed`. */
export function newSealedTemp(dir: string): Promise<NewFile> {
  const path = join(dir, tempName())
  return NewFile.create(path, { what: "sealed evidence", prepare: (handle) => shareSealed(handle, path) })
}
