/**
 * Verdicts on single pictures, hashes and texts, for services that call the API.
 * @module
 */
import type { ScreenAnswer, ScreenBatchAnswer, ScreenBody } from "@nightlight/contract/server"
import type { Score } from "@nightlight/core"
import type { Actor } from "../../platform/auth/actor.ts"

/** A picture, text or hash to screen; a picture as decoded bytes. */
export type ScreenRequest =
  | { readonly kind: "image"; readonly bytes: Uint8Array; readonly account?: { readonly id: string } }
  | Exclude<ScreenBody, { readonly kind: "image" }>

/** An item of a batch; `undefined` if its form is wrong. */
export type BatchItem = Exclude<ScreenRequest, { readonly kind: "text" }> | undefined

/** A detector of text, if the operator has one: none ships with Nightlight. */
export type TextClassifier = (text: string, signal: AbortSignal) => Promise<readonly Score[]>

/** Screens pictures, hashes and texts of services in this process. */
export interface Screen {
  /**
   * Screens one item. A picture that matches is sealed, durable, and on its way to a case before this returns.
   *
   * @param repeatKey - The caller's `Idempotency-Key`: the same key and item give the same answer for a day.
   * @returns The decision and nothing else, in the same form whatever matched. Text without a configured detector is
   *   `unscreened`.
   * @throws {RequestError} `forbidden` if an account is named and the key's source may not; `too_many_requests`;
   *   `state_conflict` if the repeat key was used for another item.
   * @throws {DependencyError} `unavailable` if no index is live, or too many screenings are in progress.
   */
  screen(
    actor: Actor,
    request: ScreenRequest,
    repeatKey: string | undefined,
    signal: AbortSignal,
  ): Promise<ScreenAnswer>
  /**
   * Screens many items, each as {@link screen} does, and counts each. An item that cannot be screened has its own error
   * and changes nothing for the others; none of them is `clear` for it.
   *
   * @param repeatKey - As of {@link screen}: the same key and item at the same place give the same answer for a day.
   * @returns One result for each item, in their order.
   * @throws {RequestError} `too_many_requests` if the caller may have fewer items screened now, `body_too_large` if it
   *   never may have so many; nothing was screened then.
   * @throws {DependencyError} `unavailable` if too many screenings are in progress.
   */
  screenBatch(
    actor: Actor,
    items: readonly BatchItem[],
    repeatKey: string | undefined,
    signal: AbortSignal,
  ): Promise<ScreenBatchAnswer>
  /** Writes the counts of decisions since the last time to the log. */
  flush(): Promise<void>
}
