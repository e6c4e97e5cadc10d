/**
 * `POST /v1/screen/batch`: a verdict on each of many pictures and hashes.
 * @module
 */
import { z } from "zod"
import { ScreenAnswer, ScreenHashes, ScreenImage } from "./screen.ts"

/** Most items of one `POST /v1/screen/batch`. */
const MAX_SCREEN_BATCH_ITEMS = 1_000

/** Largest body of `POST /v1/screen/batch`, bytes: about 24 MB of pictures in base64. */
export const MAX_SCREEN_BATCH_BYTES = 32 * 1024 * 1024

/** `POST /v1/screen/batch` body. An item of another form becomes `null` here, and gets `input_invalid` as its result. */
export const ScreenBatchBody = z.strictObject({
  items: z
    .array(z.discriminatedUnion("kind", [ScreenImage, ScreenHashes]).nullable().catch(null))
    .min(1)
    .max(MAX_SCREEN_BATCH_ITEMS),
})

/**
 * Why an item of a batch has no verdict: its form is wrong; its key's source may not name accounts; its source is
 * throttled; the repeat key was used for another item; something that screening needs is not there, so try again later.
 */
export const ScreenItemError = z.enum([
  "input_invalid",
  "forbidden",
  "too_many_requests",
  "state_conflict",
  "unavailable",
])

/** An item's verdict, without anything that led to it, or the code of its own error. */
const ScreenItemResult = z.union([ScreenAnswer, z.strictObject({ error: ScreenItemError })])
/** `POST /v1/screen/batch` answer: one result for each item, in the order of the items. */
export const ScreenBatchAnswer = z.strictObject({ results: z.array(ScreenItemResult) })
export type ScreenBatchAnswer = z.infer<typeof ScreenBatchAnswer>
