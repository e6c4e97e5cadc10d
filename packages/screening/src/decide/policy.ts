/**
 * A policy, ready to decide.
 * @module
 */
import { type Clock, compact, RequestError, type Signals, systemClock, type Verdict } from "@nightlight/core"
import { createDecide } from "./evaluate.ts"
import { createExplain, type Explanation } from "./explain.ts"
import type { KnownSignals } from "./known-signals.ts"
import { type ParsedPolicy, parsePolicy } from "./parse-policy.ts"
import type { MediaExceptionDocument, RuleDocument } from "./policy-schema.ts"
import { type PolicyTestResult, runPolicyTests } from "./policy-tests.ts"
import { formatProblem, type PolicyProblem } from "./problems.ts"
import { createReplay, type Replayed } from "./replay.ts"

/** A loaded policy. Immutable; may be shared. */
export interface Policy {
  readonly name: string
  readonly version: number
  /** Lower-case hexadecimal SHA-256 over rules, default and exceptions: comments and tests do not change it. */
  readonly digest: string
  /** In the file's order. */
  readonly rules: readonly RuleDocument[]
  /** The decision when no rule's condition is met. */
  readonly default: RuleDocument["decide"]
  /** Tests in its own text and in the file beside it. */
  readonly testCount: number
  /** Media types that pass although they cannot be screened, with the approvers and the last day. */
  readonly mediaExceptions: readonly MediaExceptionDocument[]
  /**
   * Never throws: signals that cannot be evaluated are `inconclusive`.
   *
   * @param path - of the item's file or shard below its dataset's root: exceptions with paths apply only where one fits.
   */
  decide(signals: Signals, path?: string): Verdict
  /** Decides, and explains for every rule whether and why it applied. Slower; for people. */
  explain(signals: Signals): Explanation
  /** Decides from an item's stored facts where they suffice; see {@link createReplay}. Never throws. */
  replay(known: KnownSignals): Replayed
  /** Runs the tests that came with the policy. */
  test(): readonly PolicyTestResult[]
}

/** Options of {@link loadPolicy}. */
export interface LoadPolicyOptions {
  /** File name shown in problems and errors. */
  readonly fileName: string
  /** Text of the tests beside it, if there is such a file. */
  readonly testsText?: string
  /** Clock that decides when a media exception has ended; the machine's by default. */
  readonly clock?: Clock
}

/**
 * Loads a policy from the text of its file.
 *
 * Every rule is evaluated. Among the rules whose condition is met, the gravest decision wins (`quarantine`, `block`,
 * `review`, `inconclusive`, `clear`); of two with the same decision, the earlier one names the verdict. Where none
 * applies, `default` decides. So the order of rules never changes a decision, and adding a rule never makes one milder,
 * unless it replaces a graver `default`.
 *
 * Floors lie under every policy: a match is at least `review`, a failure or an item that cannot be screened at least
 * `inconclusive` (except for media types that the policy names), and an item checked against neither a real list nor a
 * classifier at least `unscreened`.
 *
 * @throws {RequestError} `policy_invalid` with the place and text of the first problem.
 */
export function loadPolicy(text: string, options: LoadPolicyOptions): Policy {
  const { fileName, testsText, clock = systemClock } = options
  const result = parsePolicy(compact({ text, fileName, testsText }))
  if (!result.ok) throw invalid(result.problems)
  return policyOf(result.policy, clock)
}

/** Makes a usable policy from one that passed every check. */
export function policyOf(policy: ParsedPolicy, clock: Clock): Policy {
  const now = () => clock.now()
  return {
    name: policy.name,
    version: policy.version,
    digest: policy.digest,
    rules: policy.rules.map(({ name, when, decide, note }) => ({ name, when, decide, note })),
    default: policy.default,
    testCount: policy.tests.length,
    mediaExceptions: policy.mediaExceptions,
    decide: createDecide(policy, now),
    explain: createExplain(policy, now),
    replay: createReplay(policy, now),
    test: () => runPolicyTests(policy),
  }
}

/** Lists all problems of a policy, in the order of its files; empty where {@link loadPolicy} loads it. */
export function checkPolicy(text: string, options: LoadPolicyOptions): readonly PolicyProblem[] {
  const { fileName, testsText } = options
  const result = parsePolicy(compact({ text, fileName, testsText }))
  return result.ok ? [] : result.problems
}

function invalid(problems: readonly PolicyProblem[]): RequestError {
  const [first] = problems
  const message = first === undefined ? "the policy cannot be loaded" : formatProblem(first)
  return new RequestError("policy_invalid", message, {
    details: compact({
      problems: problems.length,
      line: first?.line,
      column: first?.column,
    }),
    hint: "Run `nightlight policy check` to see every problem.",
  })
}
