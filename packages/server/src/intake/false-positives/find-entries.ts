/**
 * Finds the list entries behind an item's match. They are looked up again in the live index, and returned only as keyed
 * digests.
 * @module
 */
import type { Fingerprint } from "@nightlight/core"
import { RequestError } from "@nightlight/core"
import { isFingerprint, type LoadedIndex, matchFingerprint } from "@nightlight/screening"
import type { KeyedDigest } from "@nightlight/vault"
import type { CaseItem, OpenedLocation } from "../../casework/cases/types.ts"

import type { FalsePositiveEntries } from "./types.ts"

/**
 * Finds the entries.
 *
 * @param places - The item's opened places, one of which holds its fingerprint.
 * @throws {RequestError} `state_conflict` if none does.
 */
export function findEntries(
  {
    item: caseItem,
    places,
    list,
  }: { readonly item: CaseItem; readonly places: readonly OpenedLocation[]; readonly list: string },
  index: LoadedIndex,
  digests: KeyedDigest,
): FalsePositiveEntries {
  const fingerprint = places.map(fingerprintOf).find((seen) => seen !== undefined)
  if (fingerprint === undefined) {
    throw new RequestError("state_conflict", "no fingerprint of this item is stored, so it cannot be matched again")
  }
  const info = index.lists.find(({ name }) => name === list)
  const matches = matchFingerprint(fingerprint, index).matches.filter((match) => match.list === list)
  const hashes =
    info === undefined
      ? []
      : matches.map(({ entry, category, hashType, distanceBits }) =>
          index.entryHash({ list: info, entry, category, hashType, distanceBits }),
        )
  const isExact = [...caseItem.matches.filter((match) => match.list === list), ...matches].some(
    ({ hashType }) => hashType === "sha1" || hashType === "sha256",
  )
  const bar = isExact
    ? "exact-match"
    : caseItem.digests !== "verified"
      ? "claimed-digests"
      : matches.length === 0
        ? "no-longer-listed"
        : undefined
  return {
    itemKey: itemKey(digests, fingerprint.sha256),
    entryKeys: [...new Set(hashes.map((hash) => entryKey(digests, list, hash)))],
    bar,
  }
}

function fingerprintOf({ context }: OpenedLocation): Fingerprint | undefined {
  const { found } = context
  if (typeof found !== "object" || found === null || Array.isArray(found)) return undefined
  const { fingerprint } = found as { readonly fingerprint?: unknown }
  return isFingerprint(fingerprint, true) ? (fingerprint as Fingerprint) : undefined
}

/** Digest of a list's entry by its own hash: it stays the same through the list's versions. */
export function entryKey(digests: KeyedDigest, list: string, entryHash: string): string {
  return digests.of("list-entry-hash", `${list}\n${entryHash}`)
}

/** Digest of an item by its SHA-256, the same as in the rows of items. */
export function itemKey(digests: KeyedDigest, sha256: string): string {
  return digests.of("item", sha256)
}
