/**
 * The floors that no policy can loosen, and the one exception that a policy can make.
 * @module
 */

import type { Decision, Signals, Verdict } from "@nightlight/core"
import { compileGlobs, utcDay } from "@nightlight/core"
import type { MediaExceptionDocument } from "./policy-schema.ts"

/** The mildest possible decision, and the verdict's rule name where the floor decides. */
export interface Floor {
  readonly rule: string
  readonly decision: Decision
  readonly applies: boolean
  readonly why: string
}

/** Start of a verdict's rule name where a media exception cleared the item; the media type follows. */
const EXCEPTION_PREFIX = "media-exception:"

/**
 * The floors under every policy: an item that matched a list is at least `review`, an item that could not be screened
 * at least `inconclusive`, and an item checked against neither a real list nor a classifier at least `unscreened`.
 *
 * @param excepted - whether a media exception replaces the screening of this item.
 */
export function floorsOf(signals: Signals, excepted: boolean): readonly Floor[] {
  const matched = signals.matches.length > 0
  const unread = signals.inconclusive !== undefined
  return [
    {
      rule: "floor:match",
      decision: "review",
      applies: matched,
      why: matched ? "no rule can clear an item that a list matched" : "no list matched",
    },
    {
      rule: "floor:inconclusive",
      decision: "inconclusive",
      applies: unread && !excepted,
      why: !unread
        ? "nothing failed"
        : excepted
          ? `${signals.inconclusive}, which the policy's exception for ${signals.mediaType} allows`
          : `${signals.inconclusive}: an item that could not be screened is never clear`,
    },
    {
      rule: "floor:unscreened",
      decision: "unscreened",
      applies: !signals.screened,
      why: signals.screened
        ? "a real list or a classifier was available"
        : "neither a real list nor a classifier was available",
    },
  ]
}

/**
 * The exception that applies to an item: only for media that cannot be screened, and never where a list matched.
 *
 * @param path - of the item's file or shard below the dataset's root; without it, no exception with paths applies.
 */
export function exceptionFor(
  exceptions: readonly MediaExceptionDocument[],
  signals: Signals,
  now: () => Date,
  path?: string,
): MediaExceptionDocument | undefined {
  if (signals.inconclusive !== "media_unsupported" || signals.matches.length > 0) return undefined
  return exceptions.find(
    ({ mediaType, until, paths }) =>
      mediaType === signals.mediaType && utcDay(now()) <= until && (paths === undefined || isBelow(paths, path)),
  )
}

/** Whether globs fit a path or one of its folders. */
function isBelow(globs: readonly string[], path: string | undefined): boolean {
  if (path === undefined) return false
  const fits = compileGlobs(globs)
  const parts = path.split("/")
  return parts.some((_, index) => fits(parts.slice(0, index + 1).join("/")))
}

/** The rule name of a verdict where an exception cleared the item. */
export function exceptionRule(mediaType: string): string {
  return EXCEPTION_PREFIX + mediaType
}

/** The media type whose exception cleared an item without screening; such items are counted separately. */
export function mediaExceptionOf(verdict: Verdict): string | undefined {
  return verdict.rule.startsWith(EXCEPTION_PREFIX) ? verdict.rule.slice(EXCEPTION_PREFIX.length) : undefined
}
