/**
 * Decides whether a policy may be stored: it must load, never clear a trusted match, and pass its own tests.
 * @module
 */
import { compact, type HashType, systemClock } from "@nightlight/core"
import type { KnownMatch } from "./known-signals.ts"
import { type ParsedPolicy, POLICY_YAML, parsePolicy, TESTS_YAML } from "./parse-policy.ts"
import { type LoadPolicyOptions, type Policy, policyOf } from "./policy.ts"
import { type PolicyTestResult, runPolicyTests } from "./policy-tests.ts"
import type { PolicyProblem } from "./problems.ts"
import { possibleByRules } from "./replay.ts"
import { MAX_SIGNALS } from "./vocabulary.ts"
import { readYaml, type YamlLimits } from "./yaml-source.ts"

/** A policy, or all reasons to refuse it. */
export interface Admission {
  /** In the order of the files; empty where it may be stored. */
  readonly problems: readonly PolicyProblem[]
  /** Absent where it does not load. */
  readonly policy?: Policy
  /** Results of its own tests; empty where it does not load. */
  readonly tests: readonly PolicyTestResult[]
}

/**
 * Checks a policy before it is stored. Beyond what `loadPolicy` refuses, it refuses a policy whose rules may decide
 * `clear` where a trusted list matched. The floors would still withhold such an item, but no trial or shadow run may
 * show a policy that clears a listed item.
 */
export function admitPolicy(text: string, options: LoadPolicyOptions): Admission {
  const { fileName, testsText, clock = systemClock } = options
  const result = parsePolicy(compact({ text, fileName, testsText }))
  if (!result.ok) return { problems: result.problems, tests: [] }
  const policy = policyOf(result.policy, clock)
  const tests = runPolicyTests(result.policy, TESTS_BUDGET_MS)
  const problems = [
    ...clearedMatches(result.policy, { text, fileName }),
    ...failedTests(result.policy, tests, compact({ text, fileName, testsText })),
  ]
  return { problems, policy, tests }
}

/** Limit on the tests' run time, so that they cannot block a service. */
const TESTS_BUDGET_MS = 2000
const HASH_TYPES: readonly HashType[] = ["sha256", "sha1", "md5", "pdq", "url"]
/** Numbers of unknown matches of other lists beside the trusted one. */
const BESIDE: readonly number[] = [0, 1, MAX_SIGNALS - 1]

/** Lists one problem for each rule, or the default, that may clear an item that a trusted list matched. */
function clearedMatches(policy: ParsedPolicy, { text, fileName }: { text: string; fileName: string }): PolicyProblem[] {
  const clearing = new Map<string, HashType>()
  for (const hashType of HASH_TYPES) {
    for (const declared of [false, true]) {
      for (const beside of BESIDE) {
        const trusted: KnownMatch = { trust: "trusted", hashType, declared }
        const matches = [trusted, ...Array.from({ length: beside }, (): KnownMatch => ({}))]
        const cleared = possibleByRules(policy, { matches }).find(({ decision }) => decision === "clear")
        if (cleared !== undefined && !clearing.has(cleared.rule)) clearing.set(cleared.rule, hashType)
      }
    }
  }
  const place = placer(text, fileName, POLICY_YAML)
  return [...clearing].map(([name, hashType]) => {
    const index = policy.rules.findIndex((rule) => rule.name === name)
    const what = `an item whose ${hashType} is on a trusted list`
    const message =
      index === -1
        ? `no rule covers ${what}, and the default is clear: add a rule such as "size(matches) > 0" that decides review`
        : `rule "${name}" may clear ${what}: add a graver rule such as "size(matches) > 0" that decides review`
    return { file: fileName, ...place(index === -1 ? ["default"] : ["rules", index, "decide"]), message }
  })
}

function failedTests(
  policy: ParsedPolicy,
  tests: readonly PolicyTestResult[],
  { text, fileName, testsText }: { text: string; fileName: string; testsText?: string },
): PolicyProblem[] {
  const besideName = fileName.replace(/\.ya?ml$/, "").concat(".tests.yaml")
  const own = placer(text, fileName, POLICY_YAML)
  const beside = testsText === undefined ? own : placer(testsText, besideName, TESTS_YAML)
  const failed = tests.flatMap(({ name, passed, expected, actual }, index): PolicyProblem[] => {
    if (passed) return []
    const isOwn = index < policy.ownTests
    const place = isOwn ? own(["tests", index]) : beside(["tests", index - policy.ownTests])
    const wanted = expected.rule === undefined ? expected.decision : `${expected.decision} by ${expected.rule}`
    const message = `test "${name}" expects ${wanted} but gets ${actual.decision} by ${actual.rule}`
    return [{ file: isOwn ? fileName : besideName, ...place, message }]
  })
  if (tests.length === policy.tests.length) return failed
  const message = `the policy's tests take too long: only ${tests.length} of ${policy.tests.length} were run`
  return [...failed, { file: fileName, line: 1, column: 1, message }]
}

function placer(
  text: string,
  file: string,
  limits: YamlLimits,
): (path: readonly PropertyKey[]) => Pick<PolicyProblem, "line" | "column"> {
  const read = readYaml(text, file, limits)
  return (path) => (read.ok ? read.source.place(path) : { line: 1, column: 1 })
}
