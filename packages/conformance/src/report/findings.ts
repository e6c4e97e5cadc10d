/**
 * What was found, grouped by cause: one hole shows in many cases.
 * @module
 */
import type { CaseResult } from "../case/case.ts"
import { PROBLEMS, type Problem, type ProblemKind } from "../case/problems.ts"

/** A cause, and the cases that show it. */
export interface Finding {
  readonly kind: ProblemKind
  readonly problem: Problem
  /** What the cases have in common, in words. */
  readonly cause: string
  readonly cases: readonly string[]
  /** How to see it again. */
  readonly reproduction: Reproduction
}

/** How to see a finding again, with harmless markers. */
export interface Reproduction {
  /** The case that it is taken from. */
  readonly case: string
  /** Starts the upstream with this case's answer. */
  readonly upstream: string
  /** The request, as a shell command. */
  readonly request: string
}

/** A case's result, and how its request is sent again. */
export interface TriedCase {
  readonly result: CaseResult
  /** Writes the reproduction for a problem. */
  readonly reproduce: (problem: Problem) => Reproduction
}

const ORDER: readonly ProblemKind[] = ["leak", "own", "harmless", "otherwise"]

/**
 * Groups what went wrong. A leak that every inspected case of an endpoint and direction shows is one of that endpoint;
 * others are told apart by the place in the request or answer, whatever the endpoint. Everything else is how a gateway
 * answers, and is one cause for each problem, whole and streamed.
 *
 * @returns leaks first, and those that more cases show before others.
 */
export function groupFindings(tried: readonly TriedCase[]): readonly Finding[] {
  const groups = new Map<string, { readonly cause: string; readonly problem: Problem; readonly of: TriedCase[] }>()
  const everywhere = leakingFamilies(tried.map(({ result }) => result))
  for (const one of tried) {
    for (const problem of tellingOf(one.result)) {
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

/** How a leak ends is no finding of its own. */
function tellingOf({ outcome, problems }: CaseResult): readonly Problem[] {
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

/** A few cases of one way say nothing about all of it. */
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
