/**
 * Keys of services: scoped, expiring, bound to a source. A key never counts as a person.
 * @module
 */
import { z } from "zod"
import { Timestamp } from "../screening.ts"

/** Scopes of a key. */
export const SCOPES = ["findings:push", "screen", "metrics"] as const

/** One scope of a key. */
export const ScopeName = z.enum(SCOPES)

/** Longest life of a key, days. */
export const KEY_MAX_DAYS = 366

/** Items that a key may have screened in a minute, unless it was made with another limit. */
export const DEFAULT_CALLS_PER_MINUTE = 1_200

/** Highest limit of a key. */
export const MAX_CALLS_PER_MINUTE = 1_000_000

/** `POST /v1/keys` body. */
export const KeyBody = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scopes: z.array(ScopeName).min(1).max(SCOPES.length),
  /** Enrolled source that the key is bound to; required for `findings:push`. */
  source: z.string().min(1).max(80).exactOptional(),
  /** Items that it may have screened in a minute, in each server process; 1,200 if absent. */
  callsPerMinute: z.int().min(1).max(MAX_CALLS_PER_MINUTE).exactOptional(),
  expiresInDays: z.int().min(1).max(KEY_MAX_DAYS),
})

/** Maximum time for which a key is accepted beside its replacement: seven days, in minutes. */
export const KEY_MAX_OVERLAP_MINUTES = 7 * 24 * 60

/** `POST /v1/keys/:keyId/rotate` body. */
export const KeyRotation = z.strictObject({
  /** How long both are accepted. */
  overlapMinutes: z.int().min(1).max(KEY_MAX_OVERLAP_MINUTES),
  /** Validity of the new key. */
  expiresInDays: z.int().min(1).max(KEY_MAX_DAYS),
})

/** A key; its token is shown once, when it is made. */
export const KeyView = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(ScopeName),
  source: z.string().exactOptional(),
  /** Items that it may have screened in a minute, in each server process. */
  callsPerMinute: z.int(),
  madeBy: z.string(),
  madeAt: Timestamp,
  expiresAt: Timestamp,
  revokedAt: Timestamp.exactOptional(),
  /** Rounded to the hour. */
  usedAt: Timestamp.exactOptional(),
  /** The key that replaces this one, and until when both are accepted. */
  replacedBy: z.string().exactOptional(),
  overlapEndsAt: Timestamp.exactOptional(),
})
export type KeyView = z.infer<typeof KeyView>

/** `POST /v1/keys` answer. */
export const MadeKey = z.strictObject({ key: KeyView, token: z.string() })

/** `GET /v1/keys` answer, newest first. */
export const KeyList = z.strictObject({ keys: z.array(KeyView) })
