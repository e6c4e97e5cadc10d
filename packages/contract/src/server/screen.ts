/**
 * `POST /v1/screen`: a verdict on one picture, hash or text. The answer always has the same form, whatever matched.
 * @module
 */
import { z } from "zod"
import { DecisionName, Sha256Hex } from "../screening.ts"

/** Largest picture that `POST /v1/screen` accepts, bytes. */
export const MAX_SCREEN_BYTES = 32 * 1024 * 1024

/** Longest picture in base64, characters: about 9 MB. A larger one goes to `POST /v1/screen/image` as raw bytes. */
export const MAX_SCREEN_BASE64 = 12_000_000

/** Longest text that `POST /v1/screen` accepts, UTF-16 code units. */
export const MAX_SCREEN_TEXT = 100_000

/**
 * An end user's account, named by a key whose source may name accounts; only in this body, never in a URL or header.
 */
export const AccountClaim = z.strictObject({ id: z.string().min(1).max(200) })

/** A picture in base64, of an account or of none. */
export const ScreenImage = z.strictObject({
  kind: z.literal("image"),
  base64: z.base64().max(MAX_SCREEN_BASE64),
  account: AccountClaim.exactOptional(),
})

/** Hashes of one item, at least one. */
export const ScreenHashes = z
  .strictObject({
    kind: z.literal("hash"),
    md5: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .exactOptional(),
    sha1: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .exactOptional(),
    sha256: Sha256Hex.exactOptional(),
    pdq: z.strictObject({ hash: Sha256Hex, quality: z.int().min(0).max(100) }).exactOptional(),
  })
  .refine(({ md5, sha1, sha256, pdq }) => [md5, sha1, sha256, pdq].some((hash) => hash !== undefined))

/** `POST /v1/screen` body. A picture may be sent as raw bytes instead: `POST /v1/screen/image`. */
export const ScreenBody = z.discriminatedUnion("kind", [
  ScreenImage,
  ScreenHashes,
  z.strictObject({ kind: z.literal("text"), text: z.string().min(1).max(MAX_SCREEN_TEXT) }),
])
export type ScreenBody = z.infer<typeof ScreenBody>

/** The verdict, without anything that led to it. */
export const ScreenAnswer = z.strictObject({ decision: DecisionName })
export type ScreenAnswer = z.infer<typeof ScreenAnswer>

/** `Idempotency-Key` header: the same key and body give the same answer for a day. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,200}$/)
