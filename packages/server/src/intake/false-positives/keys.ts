/**
 * The keyed digests by which disputed entries and their items are known.
 * @module
 */
import type { KeyedDigest } from "@nightlight/vault"

/** Digest of an entry of a list by its own hash: it stays the same through the list's versions. */
export function entryKey(digests: KeyedDigest, list: string, entryHash: string): string {
  return digests.of("list-entry-hash", `${list}\n${entryHash}`)
}

/** Digest of an item by its SHA-256, as finds have it. */
export function itemKey(digests: KeyedDigest, sha256: string): string {
  return digests.of("item", sha256)
}
