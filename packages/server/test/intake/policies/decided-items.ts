import type { Match } from "@nightlight/core"

/** An exact match of a list that is trusted. */
export const MATCH: Match = {
  list: "a-list",
  trust: "trusted",
  entry: 0,
  category: "unspecified",
  snapshot: 1,
  hashType: "md5",
  distanceBits: 0,
  radiusBits: 0,
}

/** The other signals of an item that a policy decides: none speaks for or against it. */
export const NOTHING = { weakMatches: [], scores: [], mediaType: "image/png", kind: "picture", screened: true } as const
