/**
 * The port of every check. A check reports what it sees; the engine decides what follows.
 * @module
 */
import type { Decision } from "@nightlight/core"
import type { AccountRecord, Caller } from "../accounts/caller.ts"
import type { CheckItem, Direction } from "../inspect/inspectable.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { FailureCause } from "./failure-cause.ts"

/**
 * Order of the checks. `match` runs first and alone, `text` next. A `classifier` sees an item only when every match
 * check has ended and found nothing: no classifier sees what matched a list.
 */
export type CheckKind = "match" | "text" | "classifier"

/** One thing that a check saw: the operator's own names of rules and categories, never content. */
export interface Signal {
  /** Name of the check. */
  readonly check: string
  /** Name of the rule, list entry's group or threshold that matched. */
  readonly rule: string
  /** The decision that the rule asks for. `clear` only records the signal. */
  readonly decision: Decision
  /** Position among the given items, from 0; absent where the signal is about all of them. */
  readonly item?: number
  /** The operator's name for what was seen, such as a classifier's label. */
  readonly category?: string
  /** 0 to 1. */
  readonly score?: number
  /**
   * True where the rule runs in shadow: it is recorded and counted, and changes nothing. Never true of a list match.
   */
  readonly shadow?: boolean
  /** Details that a `match` check adds to the finding, for people who may see them. */
  readonly detail?: unknown
}

/** Result of one check. If a check throws, hangs or returns another shape, its failure mode applies. */
export interface Verdict {
  readonly signals: readonly Signal[]
  /**
   * Whether anything real was there to check with. `false` for a hash match against test cards only: then another check
   * or an exception must cover the surface.
   */
  readonly screened: boolean
  /**
   * Only for one text that may go on, from a check with {@link Check.findsPending}: the position from which a match may
   * still be incomplete; the text's length where nothing is pending.
   */
  readonly pendingFrom?: number
}

/** The context of the exchange that a check sees. Never the caller's key, never an account in clear. */
export interface CheckContext {
  readonly exchange: string
  readonly endpoint: EndpointName
  readonly direction: Direction
  readonly caller: Caller
  readonly account?: AccountRecord
  /** The model that made the content, by the name that the caller used; absent where no model did. */
  readonly model?: string
  /**
   * For an answer: the request as it was inspected, which passed. A check may look at it beside the answer, and keeps
   * none of it.
   */
  readonly requestItems?: readonly CheckItem[]
}

/**
 * Treatment of an exchange when a check fails or exceeds its deadline. `closed` is the default. `open` lets the
 * exchange pass without the check: an exception approved by two people with an expiry, refused at load for `match`
 * checks.
 */
export type FailureMode = "closed" | "open"

/** Health of a check that depends on an outside service: names of causes and times. */
export interface CheckHealth {
  /**
   * Since when the check has not answered; absent while it does. `isDown`: it answers no request, rather than failing
   * on one caller's content.
   */
  readonly failing?: { readonly cause: FailureCause; readonly since: Date; readonly isDown: boolean }
  /** Its last failure, whether or not it is over. */
  readonly last?: { readonly cause: FailureCause; readonly at: Date }
}

/** One check over items. */
export interface Check {
  /** Unique, chosen by the operator; signals, metrics and configuration use it. */
  readonly name: string
  readonly kind: CheckKind
  /**
   * Order among checks of one kind: a check runs only when all checks of lower stages have ended and found nothing. 0
   * unless given.
   */
  readonly stage?: number
  readonly coverage: Coverage
  /** Milliseconds allowed for one call, including time in the queue. */
  readonly deadlineMs: number
  readonly failureMode: FailureMode
  /** Until when `open` holds, ISO 8601; `open` requires it. Afterwards the check fails closed. */
  readonly openUntil?: string
  /**
   * Checks the items it covers, all of one message, answer or window at once.
   *
   * It answers synchronously where it can: a promise costs an exchange a turn of the event loop. It keeps nothing of
   * the items.
   *
   * @param signal - aborts when the caller is gone or the deadline has passed.
   */
  run(items: readonly CheckItem[], context: CheckContext, signal: AbortSignal): Verdict | Promise<Verdict>
  /**
   * For windows of a stream: code units of text before a window that the check must see again with it; at least the
   * length of the longest match. Absent or 0: it needs none.
   */
  readonly overlapChars?: number
  /**
   * For windows of a stream, where a check can say exactly: the position from which a match may still be incomplete.
   * Text before it can be released, the rest comes again with the next window, and once more when the text has ended;
   * `text.length` where nothing is pending. Without this function the last {@link overlapChars} are held.
   */
  readonly pendingFrom?: (text: string) => number
  /** Whether its verdict on a text that may go on has {@link Verdict.pendingFrom}, which saves a second pass. */
  readonly findsPending?: true
  /**
   * Whether anything real is there to check with now; absent: always. Decides whether its surfaces count as covered.
   */
  readonly screens?: () => boolean
  /**
   * Resolves once the check can work. While it has rejected or is pending, `/readyz` says that the check is not ready.
   */
  readonly ready?: () => Promise<void>
  /** Its health from its first failure on; `/readyz` shows it. */
  readonly health?: () => CheckHealth
  readonly close?: () => Promise<void>
}
