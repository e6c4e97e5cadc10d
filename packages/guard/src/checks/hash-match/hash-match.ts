/**
 * Matches every picture against the workspace's lists: decoded in the child process, all frames, all orientations; the
 * workspace's policy decides.
 * @module
 */

import type { Decision, PictureView } from "@nightlight/core"
import { compact } from "@nightlight/core"
import {
  areTestCardsOnly,
  type DecodeSource,
  type FalsePositiveLookup,
  type Fingerprinter,
  type LoadedIndex,
  type Policy,
  type Screening,
  screen,
} from "@nightlight/screening"
import type { BytesPart, CheckItem } from "../../inspect/inspectable.ts"
import type { LiveLists } from "../../lists/live-lists.ts"
import type { Check, CheckContext, Signal } from "../check.ts"

/** The lists, the decoder and the policy of a hash match. */
export interface HashMatchOptions {
  readonly name: string
  readonly lists: LiveLists
  readonly fingerprinter: Pick<Fingerprinter, "fingerprint">
  readonly policy: Policy
  readonly falsePositives?: FalsePositiveLookup
  readonly deadlineMs: number
  /** Largest picture in bytes; a larger one is not decoded and is blocked. */
  readonly maxBytes: number
  /** Called with every picture that a model made, released or not. */
  readonly onMade?: OnMade
}

/** Receives the first view of a picture that a model made. */
export type OnMade = (context: CheckContext & { readonly model: string }, view: PictureView) => void

/** Makes the check. With test lists only, its verdicts say that nothing was screened. */
export function createHashMatch(options: HashMatchOptions): Check {
  const { name, lists, deadlineMs } = options
  return {
    ...hashMatchShape(name, deadlineMs),
    screens: () => lists.state().screens,
    // One index serves the whole run, so `screened` describes the index that was used.
    run: (items, context, signal) =>
      lists.use(async (index) => {
        const { direction, model } = context
        const onView = (view: PictureView) => {
          if (direction === "output" && model !== undefined) options.onMade?.({ ...context, model }, view)
        }
        const signals = await Promise.all(
          items.map((item, i) => inspectItem(item, i, options, { index, signal, onView })),
        )
        return { signals: signals.flat(), screened: index.lists.some(({ trust }) => trust !== "test") }
      }),
  }
}

/** The check's fixed properties, the same in whichever process it runs. */
export function hashMatchShape(name: string, deadlineMs: number): Omit<Check, "run" | "screens"> {
  return {
    name,
    kind: "match",
    coverage: { directions: ["input", "output"], media: ["image"] },
    deadlineMs,
    failureMode: "closed",
  }
}

interface InspectionContext {
  readonly index: LoadedIndex
  readonly signal: AbortSignal
  readonly onView: (view: PictureView) => void
}

async function inspectItem(
  item: CheckItem,
  offset: number,
  options: HashMatchOptions,
  { index, signal, onView }: InspectionContext,
): Promise<Signal[]> {
  if (item.kind !== "bytes") return []
  if (item.bytes.length > options.maxBytes) return [toSignal("too-large", "inconclusive", offset, options.name)]
  const screening = await screenPicture(item, options, index, signal)
  const { decision, rule } = screening.verdict
  const found: Decision = decision === "unscreened" ? "clear" : decision
  const { matches, weakMatches, fingerprint } = screening
  const view = fingerprint?.picture?.views[0]
  if (view !== undefined) onView(view)
  // A match of a test card proves that matching works: it is blocked like any other match.
  const isCard = areTestCardsOnly(matches)
  if (found === "clear" && !isCard && !isPicture(screening)) {
    return [toSignal("not-a-picture", "inconclusive", offset, options.name)]
  }
  if (found === "clear" && !isCard && weakMatches.length === 0) return []
  return [
    {
      ...toSignal(rule, isCard && found === "clear" ? "block" : found, offset, options.name),
      ...compact({ category: isCard ? "test-card" : undefined }),
      detail: { matches, weakMatches, fingerprint, policyDigest: screening.verdict.policyDigest },
    },
  ]
}

function screenPicture(
  { bytes }: BytesPart,
  { fingerprinter, policy, falsePositives, deadlineMs }: HashMatchOptions,
  index: LoadedIndex,
  signal: AbortSignal,
): Promise<Screening> {
  return screen<DecodeSource>(
    { source: { kind: "bytes", bytes } },
    {
      index,
      fingerprint: (source, stop) => fingerprinter.fingerprint(source, stop),
      classifiers: [],
      fingerprintTimeoutMs: deadlineMs,
      ...compact({ falsePositives }),
    },
    policy,
    signal,
  )
}

/** Content that is not a picture is blocked, whatever a policy excepts. */
function isPicture({ fingerprint }: Screening): boolean {
  return fingerprint?.kind === "picture" && fingerprint.picture !== undefined
}

function toSignal(rule: string, decision: Decision, item: number, check: string): Signal {
  return { check, rule, decision, item }
}
