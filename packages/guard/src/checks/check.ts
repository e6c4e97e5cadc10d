/**
 * The port of every check. A check says what it sees; what follows is the engine's.
 * @module
 */
import type { Decision } from "@nightlight/core"
import type { AccountRecord, Caller } from "../accounts/caller.ts"
import type { CheckItem, Direction } from "../inspect/inspectable.ts"
import type { Coverage, EndpointName } from "../inspect/surface.ts"
import type { FailureCause } from "./failure-cause.ts"

/**
 * Order of checks. `match` comes first and alone; `text` next; a `classifier` sees something only when every match
 * check has ended and found nothing: what matched a list goes to no classifier.
 */
export type CheckKind = "match" | "text" | "classifier"

/** One thing that a check saw. Names rules and categories of the operator's own; never content. */
export interface Signal {
  /** Name of the check. */
  readonly check: string
  /** Name of the rule, list entry's group or threshold that spoke. */
  readonly rule: string
  /** What that rule asks for. `clear` records something and changes nothing. */
  readonly decision: Decision
  /** Position in the items that were given, from 0; absent where it speaks for all of them. */
  readonly item?: number
  /** The operator's name for what was seen, such as a classifier's label. */
  readonly category?: string
  /** 0 to 1. */
  readonly score?: number
  /** True where the rule runs in shadow: recorded and counted, and changes nothing. Never true of a list match. */
  readonly shadow?: boolean
  /** What a `match` check adds for the finding; for those who may know. */
  readonly detail?: unknown
}

/** What one check said. It throws, hangs or answers in the wrong shape at its own risk: its failure mode follows. */
export interface Verdict {
  readonly signals: readonly Signal[]
  /**
   * Whether something real was there to check with. `false` is what a hash match with only test cards says: then
   * another check or an exception must cover the surface.
   */
  readonly screened: boolean
  /**
   * Where one text was given that may go on, and the check {@link Check.tellsPending}: from which position of it on a
   * find may still be incomplete; its length where nothing is pending.
   */
  readonly pendingFrom?: number
}

/** What a check knows of the exchange it looks at. Never the caller's key, never an account in clear. */
export interface CheckContext {
  readonly exchange: string
  readonly endpoint: EndpointName
  readonly direction: Direction
  readonly caller: Caller
  readonly account?: AccountRecord
  /** The model that made what is looked at, by the name that the caller gave; absent where none did. */
  readonly model?: string
  /** Of an answer: what was asked, as it was inspected. It passed; a check looks at it beside the answer, and keeps none of it. */
  readonly asked?: readonly CheckItem[]
}

/**
 * What becomes of an exchange when a check fails or overruns its deadline. `closed` is the default. `open` lets the
 * check's silence pass: an exception by two people with an expiry, refused at load for `match` checks.
 */
export type FailureMode = "closed" | "open"

/** How a check is that depends on something outside: names of causes and times. */
export interface CheckHealth {
  /** Since when it does not speak; absent while it does. `isDown`: whatever is asked, not only for one caller's content. */
  readonly failing?: { readonly cause: FailureCause; readonly since: Date; readonly isDown: boolean }
  /** Its last failure, over or not. */
  readonly last?: { readonly cause: FailureCause; readonly at: Date }
}

/** A check. */
export interface Check {
  /** Unique, the operator's: signals, metrics and configuration use it. */
  readonly name: string
  readonly kind: CheckKind
  /**
   * Among checks of one kind: those of a higher stage run only when all of lower ones have ended and found nothing. 0
   * unless given.
   */
  readonly stage?: number
  readonly coverage: Coverage
  /** Milliseconds it may take for one call, queueing included. */
  readonly deadlineMs: number
  readonly failureMode: FailureMode
  /** Until when `open` holds, ISO 8601; required by it. Afterwards the check fails closed. */
  readonly openUntil?: string
  /**
   * Looks at the items it covers, all of one message, answer or window at once.
   *
   * Answers at once where it can: a promise costs an exchange a turn of the loop. Keeps nothing of the items.
   *
   * @param signal - aborts when the caller is gone or the deadline has passed.
   */
  run(items: readonly CheckItem[], context: CheckContext, signal: AbortSignal): Verdict | Promise<Verdict>
  /**
   * For windows of a stream: code units of text before a window that the check must see again with it. At least as long
   * as the longest thing it can find. Absent or 0: it needs none.
   */
  readonly overlapChars?: number
  /**
   * For windows of a stream, where a check can tell exactly: from which position on a find may still be incomplete.
   * Text before it can go, the rest comes again with the next window, and once more when the text has ended;
   * `text.length` where nothing is pending. Without it the last {@link overlapChars} are held.
   */
  readonly pendingFrom?: (text: string) => number
  /** Whether its verdict on a text that may go on has {@link Verdict.pendingFrom}: one pass for both. */
  readonly tellsPending?: true
  /** Whether something real is there to check with now; absent: always. Decides whether its surfaces count as covered. */
  readonly screens?: () => boolean
  /** Resolves once the check can work; told by `/readyz`. Rejects or never resolves: not ready. */
  readonly ready?: () => Promise<void>
  /** How it is, from its first failure on; told by `/readyz`. */
  readonly health?: () => CheckHealth
  readonly close?: () => Promise<void>
}
