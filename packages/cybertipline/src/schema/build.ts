import { compact } from "../compact.ts"
import type { Rule } from "../validate/problem.ts"
import type {
  AttributeDefinition,
  AttributedType,
  ChoiceGroup,
  ElementDefinition,
  ElementOptions,
  ElementType,
  Particle,
  RecordType,
  ScalarType,
} from "./definition.ts"
import type { ValueOf } from "./infer.ts"
import { flag } from "./scalars.ts"

/** Makes the function that defines elements which are there this often. */
function elementOf<Min extends 0 | 1, Max extends 1 | "unbounded">(min: Min, max: Max) {
  return <const Name extends string, Type extends ElementType>(
    name: Name,
    type: Type,
    options: ElementOptions = {},
  ): ElementDefinition<Name, Type, Min, Max> => ({ kind: "element", name, type, min, max, ...options })
}

/** An element that must be there. */
export const required = elementOf(1, 1)

/** An element that may be there once. */
export const optional = elementOf(0, 1)

/** An element that may be there any number of times: an array. */
export const repeated = elementOf(0, "unbounded")

/** An element that is there at least once: an array that is not empty. */
export const oneOrMore = elementOf(1, "unbounded")

/** A place that at most one of these elements takes. */
export function atMostOneOf<const Members extends readonly ElementDefinition[]>(
  ...members: Members
): ChoiceGroup<Members> {
  return { kind: "choice-group", members }
}

/** An attribute that may be left out. */
export function attribute<const Name extends string, Type extends ScalarType>(
  name: Name,
  type: Type,
): AttributeDefinition<Name, Type, false> {
  return { name, type, required: false }
}

/** An attribute that must be there. */
export function requiredAttribute<const Name extends string, Type extends ScalarType>(
  name: Name,
  type: Type,
): AttributeDefinition<Name, Type, true> {
  return { name, type, required: true }
}

/** Text, a number or a boolean with attributes. */
export function attributed<Content extends ScalarType, const Attributes extends readonly AttributeDefinition[]>(
  content: Content,
  ...attributes: Attributes
): AttributedType<Content, Attributes> {
  return { kind: "attributed", content, attributes }
}

/** Elements in a fixed order, and attributes. */
export function sequence<
  const Members extends readonly Particle[],
  const Attributes extends readonly AttributeDefinition[],
>(members: Members, ...attributes: Attributes): RecordType<"sequence", Members, Attributes> {
  return { kind: "record", order: "sequence", members, attributes }
}

/** Exactly one of several elements. */
export function choice<const Members extends readonly Particle[]>(members: Members): RecordType<"choice", Members, []> {
  return { kind: "record", order: "choice", members, attributes: [] }
}

/** Elements in any order, each at most once; written in the order given here. */
export function all<const Members extends readonly Particle[]>(members: Members): RecordType<"all", Members, []> {
  return { kind: "record", order: "all", members, attributes: [] }
}

/** The same type under a name of its own in the XSD, with a rule on its values where it has one. */
export function named<Type extends AttributedType | RecordType>(
  name: string,
  type: Type,
  rule?: Rule<ValueOf<Type>>,
): Type {
  return { ...type, name, ...compact({ rule }) }
}

/** The same type with a rule on its values. */
export function ruled<Type extends AttributedType | RecordType>(type: Type, rule: Rule<ValueOf<Type>>): Type {
  return { ...type, rule }
}

type Flags<Names extends readonly string[]> = {
  readonly [K in keyof Names]: ElementDefinition<Names[K], ScalarType<true>, 0, 1>
}

/** Elements that are there or not, one for each name. */
export function flags<const Names extends readonly string[]>(names: Names, options: ElementOptions = {}): Flags<Names> {
  // Mapping keeps places and number, which is what the tuple type says.
  return names.map((name) => optional(name, flag, options)) as unknown as Flags<Names>
}
