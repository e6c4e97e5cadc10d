/**
 * The language in which the schema is defined, once.
 *
 * A definition is data: types are inferred from it ({@link ValueOf} in `infer.ts`), values are validated against it,
 * XML is written and read in its order, and the XSD is generated from it.
 * @module
 */
import type { Rule } from "../validate/problem.ts"
import type { SchemaVersion } from "../version.ts"

declare const valueOfScalar: unique symbol

/** The XSD types in use. */
export type ScalarBase = "string" | "token" | "boolean" | "int" | "long" | "double" | "dateTime" | "date"

/** Forms of text that a pattern alone cannot state. */
export type TextFormat = "url" | "email" | "ip"

/** Limits of a scalar. Lengths count code points, as XSD does. */
export interface Facets {
  readonly maxLength?: number
  /** At least one character that is not white space. */
  readonly nonBlank?: true
  /** Must match the whole value; in the common part of XSD's and JavaScript's syntax. */
  readonly pattern?: string
  readonly values?: readonly string[]
  readonly min?: number
  readonly max?: number
  readonly format?: TextFormat
  /** The only value is `true`: an element that is present or absent. */
  readonly fixed?: "true"
}

/** A value without structure: text, number, time. */
export interface ScalarType<Value = unknown> extends Facets {
  readonly kind: "scalar"
  readonly base: ScalarBase
  /** Its name in the XSD, if it has limits of its own. */
  readonly name?: string
  readonly [valueOfScalar]?: Value
}

/** An attribute of an element. */
export interface AttributeDefinition<
  Name extends string = string,
  Type extends ScalarType = ScalarType,
  Required extends boolean = boolean,
> {
  readonly name: Name
  readonly type: Type
  readonly required: Required
}

/** Members of every structured type. */
interface Structured {
  /** Its name in the XSD; a type without one is written in place. */
  readonly name?: string
  /** A rule that the schema language cannot express. Runs when the structure below is valid. */
  readonly rule?: Rule<never>
}

/** Text with attributes; its value is `{ value, ...attributes }`. */
export interface AttributedType<
  Content extends ScalarType = ScalarType,
  Attributes extends readonly AttributeDefinition[] = readonly AttributeDefinition[],
> extends Structured {
  readonly kind: "attributed"
  readonly content: Content
  readonly attributes: Attributes
}

/** How the members of a record are combined. */
export type Compositor = "sequence" | "choice" | "all"

/** Elements within an element; its value is an object of members and attributes. */
export interface RecordType<
  Order extends Compositor = Compositor,
  Members extends readonly Particle[] = readonly Particle[],
  Attributes extends readonly AttributeDefinition[] = readonly AttributeDefinition[],
> extends Structured {
  readonly kind: "record"
  readonly order: Order
  readonly members: Members
  readonly attributes: Attributes
}

/** Any type of an element. */
export type ElementType = ScalarType | AttributedType | RecordType

/** Options of an element. */
export interface ElementOptions {
  /** The edition that added it. */
  readonly since?: SchemaVersion
  /** One sentence for the XSD. */
  readonly doc?: string
}

/** An element in its parent. */
export interface ElementDefinition<
  Name extends string = string,
  Type extends ElementType = ElementType,
  Min extends 0 | 1 = 0 | 1,
  Max extends 1 | "unbounded" = 1 | "unbounded",
> extends ElementOptions {
  readonly kind: "element"
  readonly name: Name
  readonly type: Type
  readonly min: Min
  readonly max: Max
}

/** A place in a sequence that at most one of several optional elements takes. */
export interface ChoiceGroup<Members extends readonly ElementDefinition[] = readonly ElementDefinition[]> {
  readonly kind: "choice-group"
  readonly members: Members
}

/** Members of a record. */
export type Particle = ElementDefinition | ChoiceGroup
