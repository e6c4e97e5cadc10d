/**
 * Parts that all documents about a screening share.
 * @module
 */
import { DECISIONS, ORIENTATIONS } from "@nightlight/core"
import { z } from "zod"

/** Lower-case hexadecimal SHA-256 or HMAC-SHA-256. */
export const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/)

/** ISO 8601 time in UTC with milliseconds. */
export const Timestamp = z.iso.datetime()

/** One of core's decisions. */
export const DecisionName = z.enum(DECISIONS as unknown as readonly [string, ...string[]])

/** A signal from a hash list; the fields of core's `Match`. */
export const MatchDocument = z.strictObject({
  list: z.string(),
  trust: z.enum(["trusted", "unverified", "test"]),
  entry: z.int().nonnegative(),
  entryId: z.string().exactOptional(),
  category: z.string(),
  snapshot: z.int().positive(),
  hashType: z.enum(["md5", "sha1", "sha256", "pdq", "url"]),
  distanceBits: z.int().min(0).max(256),
  radiusBits: z.int().min(0).max(256),
  quality: z.int().min(0).max(100).exactOptional(),
  declared: z.boolean().exactOptional(),
  transformation: z
    .strictObject({
      orientation: z.enum(ORIENTATIONS),
      crop: z.enum(["none", "letterbox"]),
      background: z.enum(["dropped", "white", "black", "grey"]),
      frame: z.int().nonnegative(),
    })
    .exactOptional(),
})

/** First 16 hexadecimal digits of the SHA-256 of the signing key's public half. */
export const KeyId = z.string().regex(/^[0-9a-f]{16}$/)

/** Ed25519 signature over the canonical JSON of the document without this member: 128 hexadecimal digits. */
export const SignatureHex = z.string().regex(/^[0-9a-f]{128}$/)

/** How many items got each decision. */
export const DecisionCounts = z.strictObject({
  clear: z.int().nonnegative(),
  unscreened: z.int().nonnegative(),
  inconclusive: z.int().nonnegative(),
  review: z.int().nonnegative(),
  block: z.int().nonnegative(),
  quarantine: z.int().nonnegative(),
})

/** A list in the state in which something was screened against it. */
export const ListCoverage = z.strictObject({
  name: z.string(),
  trust: z.enum(["trusted", "unverified", "test"]),
  snapshot: z.int().positive(),
  radiusBits: z.int().nonnegative(),
  asOf: z.string().exactOptional(),
  entries: z.int().nonnegative(),
})
