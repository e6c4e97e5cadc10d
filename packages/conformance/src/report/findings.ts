/**
 * Groups results by cause, because one hole appears in many cases.
 * @module
 */
import type { CaseResult } from "../case/case.ts"
import { PROBLEMS, type Problem, type ProblemKind } from "../case/problems.ts"

/** A cause, and the cases that show it. */
export interface Finding {
  readonly kind: ProblemKind
  readonly problem: Problem
  /** Common property of the cases, in words. */
  readonly cause: string
  readonly cases: readonly string[]
  readonly reproduction: Reproduction
}

/** Commands that reproduce a finding, with harmless markers. */
export interface Reproduction {
  /** Id of the reproduced case. */
  readonly case: string
  /** Command that starts the upstream with this case's answer. */
  readonly upstream: string
  /** The request, as a shell command. */
  readonly request: string
}

/** A case's result and its reproduction. */
export interface TriedCase {
  readonly result: CaseResult
  /** Writes the reproduction for a problem. */
  readonly reproduce: (problem: Problem) => Reproduction
}

const ORDER: readonly ProblemKind[] = ["leak", "own", "harmless", "otherwise"]

/**
 * Groups problems by cause. A leak in every inspected case of an endpoint and direction is one finding of that
 * endpoint; other leaks are grouped by their place in the request or answer. Problems that are no leaks are one finding
 * each.
 *
 * @returns Findings, leaks first, then by number of cases.
 */
export function groupFindings(tried: readonly TriedCase[]): readonly Finding[] {
  const groups = new Map<string, { readonly cause: string; readonly problem: Problem; readonly of: TriedCase[] }>()
  const everywhere = leakingFamilies(tried.map(({ result }) => result))
  for (const one of tried) {
    for (const problem of countedProblems(one.result)) {
      const cause = causeOf(one.result, problem, everywhere)
      const key = `${problem} ${cause}`
      const group = groups.get(key) ?? { cause, problem, of: [] }
      groups.set(key, group)
      group.of.push(one)
    }
  }
  return [...groups.values()]
    .map(({ cause, problem, of }): Finding => {
      const [first] = of as [TriedCase, ...TriedCase[]]
      const cases = of.map(({ result }) => result.id)
      return { kind: PROBLEMS[problem].kind, problem, cause, cases, reproduction: first.reproduce(problem) }
    })
    .sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || b.cases.length - a.cases.length)
}

/** Problems that count: the ending of a leaked answer is not a finding of its own. */
function countedProblems({ outcome, problems }: CaseResult): readonly Problem[] {
  return outcome === "leaked" ? problems.filter((problem) => PROBLEMS[problem].kind !== "otherwise") : problems
}

function causeOf(result: CaseResult, problem: Problem, everywhere: ReadonlySet<string>): string {
  const { kind } = PROBLEMS[problem]
  if (kind === "own") return "answers of every kind"
  if (kind === "otherwise") return result.stream ? "streamed answers" : "whole answers"
  if (kind === "harmless" || everywhere.has(wayOf(result))) return wayOf(result)
  const channel = result.channel.replace(/ in deltas of \d+$/, "")
  return `${result.direction}: ${channel}`
}

/** Endpoint, direction and kind of answer, in words. */
function wayOf({ endpoint, direction, stream }: CaseResult): string {
  return `everything in the ${direction} of ${endpoint}${stream ? ", streamed" : ""}`
}

/** Fewer cases than this do not show that everything of an endpoint leaks. */
const MIN_CASES = 3

function leakingFamilies(results: readonly CaseResult[]): ReadonlySet<string> {
  const ways = Map.groupBy(
    results.filter(({ outcome }) => outcome === "leaked" || outcome === "sound" || outcome === "stopped_otherwise"),
    wayOf,
  )
  return new Set(
    [...ways]
      .filter(([, of]) => of.length >= MIN_CASES && of.every(({ outcome }) => outcome === "leaked"))
      .map(([way]) => way),
  )
}
