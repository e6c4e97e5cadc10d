import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"

/** Conformance data beside the repository, read in place. */
const folder = fileURLToPath(new URL("../../../../../shared/data/pdq/", import.meta.url))

/** Whether the conformance data exist. */
export const hasSharedData = existsSync(folder)

if (!hasSharedData) console.warn("skipped: conformance data not found in ../shared/data/pdq")

/** Path of one of the conformance files. */
export function sharedFile(name: string): string {
  return `${folder}${name}`
}

/** A list of eight hashes as text. */
export function hexOfEight(hashes: Uint8Array): string[] {
  return Array.from({ length: 8 }, (_, index) =>
    Buffer.from(hashes.subarray(32 * index, 32 * index + 32)).toString("hex"),
  )
}
