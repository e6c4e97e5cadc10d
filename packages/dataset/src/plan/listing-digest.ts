import { createHash } from "node:crypto"
import type { ListedFile } from "../readers/listing.ts"

/** Digests names, sizes, times of change and versions, in the order given: lower-case hexadecimal SHA-256. */
export function digestListing(files: readonly ListedFile[]): string {
  const hash = createHash("sha256")
  const numbers = Buffer.alloc(20)
  for (const { path, sizeBytes, modifiedMs, version } of files) {
    numbers.writeUInt32LE(path.length, 0)
    numbers.writeDoubleLE(sizeBytes, 4)
    numbers.writeDoubleLE(modifiedMs, 12)
    hash.update(numbers).update(path)
    if (version !== undefined) hash.update(`\0${version}\0`)
  }
  return hash.digest("hex")
}
