/**
 * The hashes that an index of MDS shards may have, by Python's names of them.
 *
 * Source: MosaicML Streaming, `base/hashing.py`: those of `hashlib`, and xxHash by the package `xxhash`.
 * @module
 */
import { createHash, getHashes } from "node:crypto"

/** A running hash. */
export interface IndexHash {
  update(bytes: Uint8Array): void
  /** Lower-case hexadecimal. */
  hex(): string
}

/** Python's names of hashes that Node calls otherwise. */
const NODE_NAMES: ReadonlyMap<string, string> = new Map([
  ["blake2b", "blake2b512"],
  ["blake2s", "blake2s256"],
])

/** Begins a hash; undefined where none of that name is known. */
export async function beginIndexHash(name: string): Promise<IndexHash | undefined> {
  const xxhash = await beginXxHash(name)
  if (xxhash !== undefined) {
    xxhash.init()
    return { update: (bytes) => void xxhash.update(bytes), hex: () => xxhash.digest("hex") }
  }
  const known = NODE_NAMES.get(name) ?? name.replace("sha3_", "sha3-")
  if (!getHashes().includes(known)) return undefined
  const hash = createHash(known)
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") }
}

async function beginXxHash(name: string) {
  if (!name.startsWith("xxh")) return undefined
  const { createXXHash3, createXXHash32, createXXHash64, createXXHash128 } = await import("hash-wasm")
  switch (name) {
    case "xxh32":
      return await createXXHash32()
    case "xxh64":
      return await createXXHash64()
    case "xxh3_64":
      return await createXXHash3()
    case "xxh128":
    case "xxh3_128":
      return await createXXHash128()
    default:
      return undefined
  }
}
