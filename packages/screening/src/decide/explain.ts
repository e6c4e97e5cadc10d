/**
 * Explains a policy's decision in words.
 * @module
 */

import type { ASTNode } from "@marcbachmann/cel-js"
import type { Decision, Signals, Verdict } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { createDecide, EVALUATION_FLOOR, type Outcome, outcomeOf, toSignalsView } from "./evaluate.ts"
import { exceptionFor, floorsOf } from "./floors.ts"
import type { CompiledRule, ParsedPolicy } from "./parse-policy.ts"
import { createEnvironment, MatchView, PLAIN_VARIABLES, ScoreView, type SignalsView } from "./vocabulary.ts"

/** Result of one rule or one floor. */
export interface ExplanationStep {
  /** The rule's name, `default`, or `floor:...`. */
  readonly rule: string
  /** Its decision where it applies. */
  readonly decide: Decision
  readonly outcome: Outcome
  /** One or more short sentences. They name lists and distances, never a hash. */
  readonly why: string
  /** The policy's own note on the rule. */
  readonly note?: string
}

/** All steps to a verdict: the rules in the file's order, the default where no rule applied, then the floors. */
export interface Explanation {
  readonly steps: readonly ExplanationStep[]
  readonly verdict: Verdict
}

const ITEMS_NAMED = 3

/** Makes the function that explains a policy's decisions. */
export function createExplain(policy: ParsedPolicy, now: () => Date): (signals: Signals) => Explanation {
  const environment = createEnvironment()

  return (signals) => {
    const day = now()
    const excepted = exceptionFor(policy.mediaExceptions, signals, () => day) !== undefined
    const view = toSignalsView(signals, excepted)
    const rules = policy.rules.map((rule) => toStep(rule, view))
    const floors = floorsOf(signals, excepted).map(
      ({ rule, decision, applies, why }): ExplanationStep => ({
        rule,
        decide: decision,
        outcome: applies ? "held" : "not_held",
        why,
      }),
    )
    const failed = rules.filter(({ outcome }) => outcome === "failed").length
    return {
      steps: [
        ...rules,
        ...(rules.some(({ outcome }) => outcome === "held") ? [] : [defaultStep()]),
        ...(failed === 0 ? [] : [failureStep(failed)]),
        ...floors,
      ],
      verdict: createDecide(policy, () => day)(signals),
    }
  }

  function toStep(rule: CompiledRule, view: SignalsView): ExplanationStep {
    const outcome = outcomeOf(rule, view)
    return compact({
      rule: rule.name,
      decide: rule.decide,
      outcome,
      why: outcome === "failed" ? "the condition could not be evaluated" : reasons(rule.condition.ast, view).join("; "),
      note: rule.note,
    })
  }

  function defaultStep(): ExplanationStep {
    return { rule: "default", decide: policy.default, outcome: "held", why: "no rule's condition holds" }
  }

  /** One reason for each part of a condition that `&&`, `||` and `!` join. */
  function reasons(node: ASTNode, view: SignalsView): readonly string[] {
    if (node.op === "&&" || node.op === "||") return node.args.flatMap((operand) => reasons(operand, view))
    if (node.op === "!_") return reasons(node.args, view)
    return [(node.op === "rcall" ? listReason(node, view) : undefined) ?? plainReason(node, view)]
  }

  /** `matches.exists(m, ...)` and its like: how many of the list's members satisfy the condition, and which. */
  function listReason(node: ASTNode & { op: "rcall" }, view: SignalsView): string | undefined {
    const [method, receiver, [variable, predicate]] = node.args
    if (!["exists", "all", "exists_one"].includes(method) || variable === undefined || predicate === undefined) {
      return undefined
    }
    const list = evaluate(source(receiver), view)
    const satisfying = evaluate(`${source(receiver)}.filter(${source(variable)}, ${source(predicate)})`, view)
    if (!Array.isArray(list) || !Array.isArray(satisfying)) return undefined
    if (list.length === 0) return `${source(receiver)} is empty`
    const named = satisfying.slice(0, ITEMS_NAMED).map(describe).join("; ")
    const more = satisfying.length > ITEMS_NAMED ? "; ..." : ""
    const count = `${satisfying.length} of ${list.length} in ${source(receiver)} satisfy ${source(predicate)}`
    return satisfying.length === 0 ? count : `${count} (${named}${more})`
  }

  function plainReason(node: ASTNode, view: SignalsView): string {
    const values = variablesIn(node).map((name) => `${name} is ${JSON.stringify(view[name])}`)
    const result = `${source(node)} is ${String(evaluate(source(node), view))}`
    return values.length === 0 ? result : `${result} (${values.join(", ")})`
  }

  function evaluate(expression: string, view: SignalsView): unknown {
    try {
      return environment.evaluate(expression, view)
    } catch {
      return "an error"
    }
  }
}

function failureStep(failed: number): ExplanationStep {
  return {
    rule: EVALUATION_FLOOR,
    decide: "inconclusive",
    outcome: "held",
    why: `${failed} of the rules could not be evaluated`,
  }
}

function describe(item: unknown): string {
  if (item instanceof ScoreView) return `${item.classifier} says ${item.label} ${item.score}`
  if (!(item instanceof MatchView)) return "an entry"
  const { hashType, list, trust, distanceBits, quality, orientation, crop, declared } = item
  const kind = `${declared ? "declared " : ""}${hashType} of ${trust} list "${list}"`
  if (hashType !== "pdq") return kind
  return `${kind}, ${distanceBits} bits away, quality ${quality}, ${orientation}${crop === "none" ? "" : `, ${crop}`}`
}

function source(node: ASTNode): string {
  return node.input.slice(node.start, node.end)
}

function variablesIn(node: ASTNode): readonly string[] {
  const found = new Set<string>()
  const pending: unknown[] = [node]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) pending.push(...(next as unknown[]))
    else if (isNode(next) && next.op === "id" && PLAIN_VARIABLES.includes(next.args)) found.add(next.args)
    else if (isNode(next)) pending.push(next.args)
  }
  return [...found].sort()
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === "object" && value !== null && "op" in value
}
