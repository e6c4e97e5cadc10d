/**
 * Limits conditions to a subset of CEL that cannot fail, cannot run long and cannot hide a misspelt word.
 *
 * The whole of CEL can do all three: `matches` runs a backtracking regular expression, `map` and `+` build values
 * larger than the policy, nested comprehensions multiply, indexing and arithmetic throw.
 * @module
 */
import type { ASTNode } from "@marcbachmann/cel-js"
import { LIST_VARIABLES, MAX_SIGNALS, PLAIN_VARIABLES, VALUES_BY_VARIABLE } from "./vocabulary.ts"

/** How deeply comprehensions over lists may be nested. */
export const MAX_NESTING = 2

/** Something a condition must not contain. Offset in UTF-16 code units from the expression's start. */
export interface Objection {
  readonly offset: number
  readonly message: string
}

/** The result of checking an expression. */
export interface Inspection {
  /** First objection, if any. */
  readonly objection?: Objection
  /** Evaluation steps in the worst case, with every list at its maximum length. */
  readonly costSteps: number
}

const COMPREHENSIONS: readonly string[] = ["exists", "all", "exists_one", "filter"]
const METHODS: readonly string[] = ["startsWith", "endsWith", "contains", "size"]

/** Checks a parsed expression that has not been type-checked yet. */
export function inspectExpression(root: ASTNode): Inspection {
  let costSteps = 0
  try {
    walk(root, [])
    return { costSteps }
  } catch (error) {
    if (error instanceof ObjectionError) return { objection: error.objection, costSteps }
    throw error
  }

  function walk(node: ASTNode, iterated: readonly string[]): void {
    costSteps += MAX_SIGNALS ** iterated.length
    if (node.op === "rcall" && COMPREHENSIONS.includes(node.args[0])) {
      const { variable, predicate } = comprehensionOf(node, iterated)
      walk(node.args[1], iterated)
      walk(predicate, [...iterated, variable])
      return
    }
    for (const part of partsOf(node)) walk(part, iterated)
  }
}

function partsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case "value":
    case "id":
      return []
    case ".":
      return [node.args[0]]
    case "!_":
    case "-_":
      return [node.args]
    case "==":
    case "!=":
    case "in":
      checkWords(node.args)
      return node.args
    case "<":
    case "<=":
    case ">":
    case ">=":
    case "&&":
    case "||":
    case "?:":
    case "list":
      return node.args
    case "call":
      if (node.args[0] === "size") return node.args[1]
      return object(node, `the function "${node.args[0]}" is not available in conditions; "size" is`)
    case "rcall":
      if (METHODS.includes(node.args[0])) return [node.args[1], ...node.args[2]]
      return object(
        node,
        `"${node.args[0]}" is not available in conditions; ${[...COMPREHENSIONS, ...METHODS].join(", ")} are`,
      )
    case "+":
    case "-":
    case "*":
    case "/":
    case "%":
    case "[]":
    case "[?]":
    case ".?":
    case "map":
      return object(node, `"${node.op}" is not available in conditions`)
    default:
      return object(node satisfies never, "this is not available in conditions")
  }
}

function comprehensionOf(node: ASTNode & { op: "rcall" }, iterated: readonly string[]) {
  const [name, , [variable, predicate]] = node.args
  if (variable?.op !== "id" || predicate === undefined) {
    return object(node, `"${name}" takes a variable and a condition: ${name}(m, m.trust == "trusted")`)
  }
  if ([...LIST_VARIABLES, ...PLAIN_VARIABLES, ...iterated].includes(variable.args)) {
    object(variable, `"${variable.args}" already means something else here; choose another name`)
  }
  if (iterated.length === MAX_NESTING) object(node, `conditions over lists can be nested at most ${MAX_NESTING} deep`)
  return { variable: variable.args, predicate }
}

/** Objects to a value that the compared field or variable can never have. */
function checkWords(operands: readonly [ASTNode, ASTNode]): void {
  const [left, right] = operands
  for (const [subject, other] of [operands, [right, left] as const]) {
    const name = subject.op === "id" ? subject.args : subject.op === "." ? subject.args[1] : undefined
    const words = name === undefined ? undefined : VALUES_BY_VARIABLE.get(name)
    if (words === undefined) continue
    for (const literal of other.op === "list" ? other.args : [other]) {
      if (literal.op !== "value" || typeof literal.args !== "string" || words.includes(literal.args)) continue
      object(
        literal,
        `"${literal.args}" is not a value of "${name}"; expected one of ${words.map((w) => w || '""').join(", ")}`,
      )
    }
  }
}

class ObjectionError extends Error {
  readonly objection: Objection

  constructor(objection: Objection) {
    super(objection.message)
    this.objection = objection
  }
}

function object(node: ASTNode, message: string): never {
  throw new ObjectionError({ offset: node.start, message })
}
