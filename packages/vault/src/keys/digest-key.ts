/**
 * Digests that reveal nothing without the workspace's key: used in rows, jobs and logs, where an item's true digest or
 * place would help to find the item.
 * @module
 */
import { createHmac, randomBytes } from "node:crypto"
import { canonicalJson, IntegrityError } from "@nightlight/core"
import { writeFileExclusive } from "@nightlight/durable"
import { readKeyFile } from "./key-file.ts"

const OTHERS = 0o077
const FILE = /^nightlight-digest-key-1 ([0-9a-f]{64})\n$/

/** Makes keyed digests. The same purpose and value give the same digest for as long as the workspace has its key. */
export interface KeyedDigest {
  /**
   * Digests a value.
   *
   * @param purpose - What the digest is for; digests of different purposes cannot be compared.
   * @returns HMAC-SHA-256 as 64 lower-case hexadecimal digits.
   */
  of(purpose: string, value: string): string
}

/**
 * Makes a workspace's digest key, 32 random bytes, readable only by its owner.
 *
 * @throws {RequestError} `state_conflict` if the file exists.
 * @throws {DependencyError} `disk_full`, `write_failed`.
 */
export async function createDigestKey(path: string): Promise<void> {
  await writeFileExclusive(path, `nightlight-digest-key-1 ${randomBytes(32).toString("hex")}\n`, 0o600)
}

/**
 * Opens a workspace's digest key.
 *
 * @throws {IntegrityError} `key_unusable` if the file is missing, malformed, or open to others.
 */
export async function openKeyedDigest(path: string): Promise<KeyedDigest> {
  const hex = FILE.exec(await readKeyFile(path, OTHERS))?.[1]
  if (hex === undefined) throw new IntegrityError("key_unusable", `${path} is not a digest key`)
  return toKeyedDigest(Buffer.from(hex, "hex"))
}

/** Makes keyed digests with 32 bytes that are stored elsewhere. */
export function toKeyedDigest(key: Uint8Array): KeyedDigest {
  // As JSON the pair is unambiguous.
  return {
    of: (purpose, value) =>
      createHmac("sha256", key)
        .update(canonicalJson([purpose, value]))
        .digest("hex"),
  }
}
