/**
 * Screens hashes without their bytes: another party computed them.
 * @module
 */

import type { Fingerprint, InconclusiveCause } from "@nightlight/core"
import { compact, UNREAD } from "@nightlight/core"
import { conclude } from "./conclude.ts"
import type { Policy } from "./decide/policy.ts"
import { type MatchResult, matchFingerprint } from "./match/match-fingerprint.ts"
import { byStrength } from "./match/order.ts"
import type { DigestQuery, ListIndex } from "./ports.ts"
import type { MatchingPorts, Screening } from "./screening.ts"

/** Hashes to look up, lower-case hexadecimal. */
export interface HashQuery extends DigestQuery {
  /** PDQ hash, upright, with its quality from 0 to 100. */
  readonly pdq?: { readonly hash: string; readonly quality: number }
}

/**
 * Matches hashes against the lists and decides. Digests count as declared, because they were not computed here: a match
 * leads at most to review. Rotated and mirrored copies are not found, because one hash does not cover them.
 *
 * Never throws.
 */
export function screenHashes(query: HashQuery, ports: MatchingPorts, policy: Policy): Screening {
  const { pdq, ...digests } = query
  const results = [
    match(() => matchFingerprint(UNREAD, ports.index, { declaredDigests: [digests] })),
    ...(pdq === undefined ? [] : [match(() => matchFingerprint(pictureOf(pdq), pdqAlone(ports.index)))]),
  ]
  const failed = results.some((result) => result.failed !== undefined)
  return conclude(
    compact({
      matches: results.flatMap(({ matches }) => matches).sort(byStrength),
      weakMatches: results.flatMap(({ weakMatches }) => weakMatches).sort(byStrength),
      suppressed: 0,
      omitted: results.reduce((sum, { omitted }) => sum + omitted, 0),
      scores: [],
      failed: failed ? ("lists_failed" as const) : undefined,
    }),
    ports,
    policy,
  )
}

function pictureOf({ hash, quality }: NonNullable<HashQuery["pdq"]>): Fingerprint {
  const view = { frame: 0, background: "dropped", crop: "none", pdq: hash, quality, dihedral: [hash] } as const
  const picture = { width: 0, height: 0, frames: 1, exifOrientation: 1, flags: [], profile: "fullres" } as const
  return { ...UNREAD, kind: "picture", picture: { ...picture, kernel: "exact", views: [view] } }
}

/** The index without its digests, because a placeholder picture has none to look up. */
function pdqAlone(index: ListIndex): ListIndex {
  const { version, lists } = index
  return {
    version,
    lists,
    matchDigests: () => [],
    matchPdq: (hashes) => index.matchPdq(hashes),
    entryHash: (hit) => index.entryHash(hit),
  }
}

function match(matchOnce: () => MatchResult): MatchResult & { readonly failed?: InconclusiveCause } {
  try {
    return matchOnce()
  } catch {
    return { matches: [], weakMatches: [], suppressed: 0, omitted: 0, failed: "lists_failed" }
  }
}
