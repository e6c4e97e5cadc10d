import type { AttributedType, ChoiceGroup, ElementDefinition, ElementType, RecordType } from "../schema/definition.ts"
import { elementsOf, type Members, memberOf } from "../schema/walk.ts"
import { isIn, type SchemaVersion } from "../version.ts"
import { memberPath, type Problem, type ProblemCode, type Rule } from "./problem.ts"
import { faultOf } from "./scalars.ts"

/** Options of a check. */
export interface Terms {
  readonly version: SchemaVersion
  readonly now: Date
  readonly batched: boolean
}

/**
 * Checks a value against a type, and by its rules if its structure is valid.
 *
 * @returns Every problem, in the schema's order.
 */
export function problemsOf(type: ElementType, value: unknown, terms: Terms, path = ""): Problem[] {
  if (type.kind === "scalar") {
    const found = faultOf(type, value, terms.now)
    return found === undefined ? [] : [{ path, ...found }]
  }
  if (!isMembers(value)) return [problem(path, "type", "must be an object")]
  const problems = [
    ...unknownMembers(type, value, path),
    ...(type.kind === "record" ? recordProblems(type, value, terms, path) : contentProblems(type, value, terms, path)),
    ...attributeProblems(type, value, terms, path),
  ]
  return problems.length > 0 || type.rule === undefined ? problems : ruleProblems(type.rule, value, terms, path)
}

const problem = (path: string, code: ProblemCode, message: string): Problem => ({ path, code, message })

function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function unknownMembers(type: AttributedType | RecordType, value: Members, path: string): Problem[] {
  const names = new Set([
    ...(type.kind === "record" ? elementsOf(type).map(({ name }) => name) : ["value"]),
    ...type.attributes.map(({ name }) => name),
  ])
  const unknown = Object.keys(value).filter((key) => value[key] !== undefined && !names.has(key)).length
  if (unknown === 0) return []
  return [problem(path, "unknown_member", `has ${unknown} unknown member(s), knows ${[...names].join(", ")}`)]
}

function recordProblems(type: RecordType, value: Members, terms: Terms, path: string): Problem[] {
  if (type.order === "choice") return oneOfProblems(type, value, terms, path)
  return type.members.flatMap((member) =>
    member.kind === "element"
      ? elementProblems(member, memberOf(value, member.name), terms, memberPath(path, member.name))
      : groupProblems(member, value, terms, path),
  )
}

function oneOfProblems(type: RecordType, value: Members, terms: Terms, path: string): Problem[] {
  const given = elementsOf(type).filter(({ name }) => memberOf(value, name) !== undefined)
  if (given.length !== 1) {
    return [problem(path, "choice", `must have exactly one of its ${type.members.length} kinds, has ${given.length}`)]
  }
  return given.flatMap((one) => elementProblems(one, memberOf(value, one.name), terms, memberPath(path, one.name)))
}

function groupProblems({ members }: ChoiceGroup, value: Members, terms: Terms, path: string): Problem[] {
  const given = members.filter(({ name }) => memberOf(value, name) !== undefined)
  if (given.length > 1) {
    const names = given.map(({ name }) => name).join(" and ")
    return [problem(path, "choice", `must not have both ${names}`)]
  }
  return given.flatMap((one) => elementProblems(one, memberOf(value, one.name), terms, memberPath(path, one.name)))
}

function elementProblems(element: ElementDefinition, value: unknown, terms: Terms, path: string): Problem[] {
  if (value === undefined) return element.min === 0 ? [] : [problem(path, "required", "is required")]
  if (!isIn(terms.version, element.since)) {
    return [problem(path, "not_in_version", `belongs to schema version ${element.since}, this is ${terms.version}`)]
  }
  if (element.max === 1) return problemsOf(element.type, value, terms, path)
  if (!Array.isArray(value)) return [problem(path, "type", "must be an array")]
  if (value.length < element.min) return [problem(path, "required", "needs at least one entry")]
  // Array.from visits the holes of a sparse array too.
  return Array.from(value as unknown[], (one, index) =>
    problemsOf(element.type, one, terms, `${path}[${index}]`),
  ).flat()
}

function contentProblems(type: AttributedType, value: Members, terms: Terms, path: string): Problem[] {
  const content = memberOf(value, "value")
  const at = memberPath(path, "value")
  return content === undefined ? [problem(at, "required", "is required")] : problemsOf(type.content, content, terms, at)
}

function attributeProblems(type: AttributedType | RecordType, value: Members, terms: Terms, path: string): Problem[] {
  return type.attributes.flatMap(({ name, type: scalar, required }) => {
    const given = memberOf(value, name)
    const at = memberPath(path, name)
    if (given === undefined) return required ? [problem(at, "required", "is required")] : []
    return problemsOf(scalar, given, terms, at)
  })
}

function ruleProblems(rule: Rule<never>, value: Members, terms: Terms, path: string): Problem[] {
  const problems: Problem[] = []
  const report = (below: string, code: ProblemCode, message: string) => {
    problems.push(problem(below === "" ? path : memberPath(path, below), code, message))
  }
  // The structure was found valid, so the rule's type is right.
  rule(value as never, { now: terms.now, batched: terms.batched, report })
  return problems
}
