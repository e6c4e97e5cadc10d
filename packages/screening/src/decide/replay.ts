/**
 * Decides from an item's stored facts: gives a decision only where the facts imply it.
 * @module
 */
import { compact, type Decision, graver, type InconclusiveCause, type Signals } from "@nightlight/core"
import { outcomeOf, raise } from "./evaluate.ts"
import { exceptionFor, exceptionRule, floorsOf } from "./floors.ts"
import { type KnownSignals, toKnownView } from "./known-signals.ts"
import type { CompiledRule, ParsedPolicy } from "./parse-policy.ts"
import type { SignalsView } from "./vocabulary.ts"

/** Result of deciding from known signals. */
export type Replayed =
  | {
      readonly isDecided: true
      readonly decision: Decision
      /** Rule name as in a verdict; absent where several rules could have made the same decision. */
      readonly rule?: string
    }
  /** Unknown facts could lead to different decisions; `undecidedRules`: the rules and floors that depend on them. */
  | { readonly isDecided: false; readonly undecidedRules: readonly string[] }

/** A decision that rules may have made. */
export interface Possible {
  readonly decision: Decision
  readonly rule: string
  /** Whether it depends on a condition that the known facts do not decide. */
  readonly isOpen: boolean
}

/**
 * Makes the function that decides from known signals. With all signals it decides as the policy does; with some of them
 * it never gives a decision that the policy would not. Never throws.
 */
export function createReplay(policy: ParsedPolicy, now: () => Date): (known: KnownSignals) => Replayed {
  return (known) => {
    const excepted = isExcepted(policy, known, now)
    if (excepted === undefined) return { isDecided: false, undecidedRules: ["media-exceptions"] }
    const seen = excepted ? ({ ...known, inconclusive: "none" } as const) : known
    const possible = possibleByRules(policy, seen).flatMap((ruled) => raisedBy(ruled, known, excepted))
    return conclude(excepted ? possible.map((each) => withException(each, known)) : possible)
  }
}

/** Every decision that a policy's rules may make from known signals, before any floor; at least one. */
export function possibleByRules(policy: ParsedPolicy, known: KnownSignals): readonly Possible[] {
  const view = toKnownView(known) as SignalsView
  const outcomes = policy.rules.map((rule) => ({ rule, outcome: outcomeOf(rule, view) }))
  const held = outcomes.filter(({ outcome }) => outcome === "held").map(({ rule }) => rule)
  const open = outcomes.filter(({ outcome }) => outcome === "failed").map(({ rule }) => rule)
  const sure = gravestOf(held)
  const base: Possible =
    sure === undefined
      ? { decision: policy.default, rule: "default", isOpen: false }
      : { decision: sure.decide, rule: sure.name, isOpen: false }
  const mayDecide = open.filter((rule) => sure === undefined || decidesBefore(policy, rule, sure))
  return [base, ...mayDecide.map((rule) => ({ decision: rule.decide, rule: rule.name, isOpen: true }))]
}

/** The gravest rule; of equally grave rules the first. */
function gravestOf(rules: readonly CompiledRule[]): CompiledRule | undefined {
  return rules.reduce<CompiledRule | undefined>(
    (gravest, rule) =>
      gravest !== undefined && graver(gravest.decide, rule.decide) === gravest.decide ? gravest : rule,
    undefined,
  )
}

/** Whether a rule would take precedence over another, if both applied. */
function decidesBefore({ rules }: ParsedPolicy, rule: CompiledRule, other: CompiledRule): boolean {
  if (rule.decide === other.decide) return rules.indexOf(rule) < rules.indexOf(other)
  return graver(rule.decide, other.decide) === rule.decide
}

/** Whether a media exception applies; `undefined` where that is unknown. */
function isExcepted(policy: ParsedPolicy, known: KnownSignals, now: () => Date): boolean | undefined {
  const { matches, inconclusive, mediaType } = known
  if (policy.mediaExceptions.length === 0 || (matches !== undefined && matches.length > 0)) return false
  if (inconclusive === "none" || (inconclusive !== undefined && inconclusive !== "media_unsupported")) return false
  if (mediaType !== undefined && policy.mediaExceptions.every((exception) => exception.mediaType !== mediaType))
    return false
  if (matches === undefined || inconclusive === undefined || mediaType === undefined) return undefined
  if (exceptionFor(policy.mediaExceptions, { ...NOTHING, inconclusive, mediaType }, now) !== undefined) return true
  // No path is stored.
  const mayFit = policy.mediaExceptions.some(
    (exception) => exception.mediaType === mediaType && exception.paths !== undefined,
  )
  return mayFit ? undefined : false
}

/** The possible results of the floors, over every value of the unknown facts. */
function raisedBy(ruled: Possible, known: KnownSignals, excepted: boolean): readonly Possible[] {
  const verdict = { decision: ruled.decision, rule: ruled.rule, policyDigest: "" }
  const raised = completionsOf(known).map((signals) => floorsOf(signals, excepted).reduce(raise, verdict))
  const isCertain = raised.every(({ rule }) => rule === raised[0]?.rule)
  return raised.map(({ decision, rule }) => ({
    decision,
    rule,
    isOpen: ruled.isOpen || (!isCertain && rule !== ruled.rule),
  }))
}

/** The signals as floors see them, once for each value of an unknown one. */
function completionsOf({ matches, inconclusive, screened, mediaType = "" }: KnownSignals): readonly Signals[] {
  const some = [{} as Signals["matches"][number]]
  const causes: readonly (InconclusiveCause | "none")[] =
    inconclusive === undefined ? ["none", "lists_failed"] : [inconclusive]
  return (matches === undefined ? [[], some] : [matches.length > 0 ? some : []]).flatMap((assumed) =>
    causes.flatMap((cause) =>
      (screened === undefined ? [true, false] : [screened]).map((was) => ({
        ...NOTHING,
        matches: assumed,
        mediaType,
        screened: was,
        ...compact({ inconclusive: cause !== "none" ? cause : undefined }),
      })),
    ),
  )
}

function withException(possible: Possible, { mediaType = "" }: KnownSignals): Possible {
  return possible.decision === "clear" ? { ...possible, rule: exceptionRule(mediaType) } : possible
}

function conclude(possible: readonly Possible[]): Replayed {
  const [first] = possible
  const isDecided = first !== undefined && possible.every(({ decision }) => decision === first.decision)
  const rules = [...new Set(possible.map(({ rule }) => rule))]
  if (isDecided)
    return compact({
      isDecided: true,
      decision: first.decision,
      rule: rules.length === 1 ? first.rule : undefined,
    })
  return {
    isDecided: false,
    undecidedRules: [...new Set(possible.filter(({ isOpen }) => isOpen).map(({ rule }) => rule))],
  }
}

const NOTHING: Signals = {
  matches: [],
  weakMatches: [],
  scores: [],
  mediaType: "",
  kind: "unknown",
  screened: true,
}
