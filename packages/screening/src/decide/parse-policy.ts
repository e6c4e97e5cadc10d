/**
 * Turns the text of a policy into compiled conditions, or into a list of all its problems.
 * @module
 */

import type { TypeError as CelTypeError, Environment, ParseError, ParseResult } from "@marcbachmann/cel-js"
import { canonicalDigest } from "@nightlight/durable"
import type { z } from "zod"
import { inspectExpression } from "./expression-guard.ts"
import {
  type MediaExceptionDocument,
  POLICY_LIMITS,
  PolicyDocument,
  type PolicyTestDocument,
  PolicyTestsFile,
  type RuleDocument,
} from "./policy-schema.ts"
import type { Place, PolicyProblem } from "./problems.ts"
import { createEnvironment } from "./vocabulary.ts"
import { readYaml, type YamlLimits, type YamlSource } from "./yaml-source.ts"

/** Worst-case steps of one decision, over all rules: a more expensive policy is refused when it is loaded. */
export const MAX_COST_STEPS = 4_000_000

/** Size limits for a policy file. */
export const POLICY_YAML = { bytes: POLICY_LIMITS.policyBytes, parts: POLICY_LIMITS.policyParts }
/** Size limits for its tests. */
export const TESTS_YAML = { bytes: POLICY_LIMITS.testBytes, parts: POLICY_LIMITS.testParts }

/** A policy's files. */
export interface PolicyText {
  readonly text: string
  /** Name shown in problems; the file itself is never opened. */
  readonly fileName: string
  /** The text of `NAME.tests.yaml`, if there is one: its tests are added to those in the policy itself. */
  readonly testsText?: string
}

/** A rule with its condition compiled. */
export interface CompiledRule extends RuleDocument {
  readonly condition: ParseResult
}

/** A policy that passed every check. */
export interface ParsedPolicy {
  readonly name: string
  readonly version: number
  /** Lower-case hexadecimal SHA-256 of the policy's canonical JSON, without comments and tests. */
  readonly digest: string
  /** In the file's order. */
  readonly rules: readonly CompiledRule[]
  readonly default: RuleDocument["decide"]
  readonly mediaExceptions: readonly MediaExceptionDocument[]
  /** The tests in the policy itself, then those beside it. */
  readonly tests: readonly PolicyTestDocument[]
  /** How many of the tests are in the policy itself. */
  readonly ownTests: number
}

/** Either the policy or its problems, in the order of the file. */
export type PolicyResult =
  | { readonly ok: true; readonly policy: ParsedPolicy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

/** Parses and checks a policy. Never throws; work is bounded by the limits on size, count and cost. */
export function parsePolicy({ text, fileName, testsText }: PolicyText): PolicyResult {
  const read = readDocument(text, fileName, POLICY_YAML, PolicyDocument)
  const testsFile = fileName.replace(/\.ya?ml$/, "").concat(".tests.yaml")
  const readTests =
    testsText === undefined
      ? ({ ok: true, document: { tests: [] } } as const)
      : readDocument(testsText, testsFile, TESTS_YAML, PolicyTestsFile)
  if (!read.ok || !readTests.ok) {
    return { ok: false, problems: [...(read.ok ? [] : read.problems), ...(readTests.ok ? [] : readTests.problems)] }
  }

  const { document, source } = read
  const compiled = compileRules(document.rules, source, fileName)
  const problems = [...duplicates(document, source, fileName), ...compiled.problems]
  if (problems.length > 0) return { ok: false, problems: problems.toSorted(byPlace) }
  const { tests, ...rest } = document
  return {
    ok: true,
    policy: {
      ...rest,
      digest: canonicalDigest(rest),
      rules: compiled.rules,
      tests: [...tests, ...readTests.document.tests],
      ownTests: tests.length,
    },
  }
}

function compileRules(rules: readonly RuleDocument[], source: YamlSource, file: string) {
  const environment = createEnvironment()
  const compiled: CompiledRule[] = []
  const problems: PolicyProblem[] = []
  let costSteps = 0
  for (const [i, rule] of rules.entries()) {
    const result = compile(environment, rule.when)
    const placeOf = (offset: number): Place => source.placeInString(["rules", i, "when"], offset)
    if ("message" in result) {
      problems.push({ file, ...placeOf(result.offset), message: `rule "${rule.name}": ${result.message}` })
      continue
    }
    costSteps += result.costSteps
    if (costSteps > MAX_COST_STEPS) {
      const message = `up to rule "${rule.name}", one decision could take ${costSteps} steps; ${MAX_COST_STEPS} are allowed`
      problems.push({ file, ...placeOf(0), message })
      break
    }
    compiled.push({ ...rule, condition: result.condition })
  }
  return { rules: compiled, problems }
}

type Compiled =
  | { readonly condition: ParseResult; readonly costSteps: number }
  | { readonly offset: number; readonly message: string }

function compile(environment: Environment, expression: string): Compiled {
  let condition: ParseResult
  try {
    condition = environment.parse(expression)
  } catch (error) {
    return toObjection(error as ParseError)
  }
  const { objection, costSteps } = inspectExpression(condition.ast)
  if (objection !== undefined) return objection
  const { valid, type, error } = condition.check()
  if (!valid && error !== undefined) return toObjection(error)
  if (type !== "bool") return { offset: 0, message: `a condition must be true or false; this one is of type ${type}` }
  return { condition, costSteps }
}

function toObjection(error: ParseError | CelTypeError): { readonly offset: number; readonly message: string } {
  const summary = error.summary ?? "the condition cannot be parsed"
  return { offset: error.range?.start ?? 0, message: summary }
}

type DocumentResult<T> =
  | { readonly ok: true; readonly document: T; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

function readDocument<T>(text: string, file: string, limits: YamlLimits, schema: z.ZodType<T>): DocumentResult<T> {
  const yaml = readYaml(text, file, limits)
  if (!yaml.ok) return yaml
  const { source } = yaml
  const parsed = schema.safeParse(source.value)
  if (parsed.success) return { ok: true, document: parsed.data, source }
  const problems = parsed.error.issues.flatMap((issue): readonly PolicyProblem[] => {
    const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `
    if (issue.code !== "unrecognized_keys") {
      return [{ file, ...source.place(issue.path), message: `${where}${issue.message}` }]
    }
    return issue.keys.map((key) => ({
      file,
      ...source.placeOfKey(issue.path, key),
      message: `${where}there is no "${key}" here`,
    }))
  })
  return { ok: false, problems: problems.toSorted(byPlace).slice(0, 20) }
}

function duplicates(document: PolicyDocument, source: YamlSource, file: string): readonly PolicyProblem[] {
  return [
    ...repeated(document.rules.map((rule) => rule.name)).map((i) => ({
      file,
      ...source.place(["rules", i, "name"]),
      message: `two rules are named "${document.rules[i]?.name}"`,
    })),
    // Those with paths may name a type again: for other paths, by other people.
    ...repeated(document.mediaExceptions.map(({ mediaType, paths }, i) => (paths === undefined ? mediaType : i))).map(
      (i) => ({
        file,
        ...source.place(["mediaExceptions", i, "mediaType"]),
        message: `two exceptions name "${document.mediaExceptions[i]?.mediaType}"`,
      }),
    ),
  ]
}

/** Positions of values that occurred before. */
function repeated(values: readonly (string | number)[]): readonly number[] {
  return values.flatMap((value, i) => (values.indexOf(value) < i ? [i] : []))
}

function byPlace(a: PolicyProblem, b: PolicyProblem): number {
  return a.line - b.line || a.column - b.column
}
