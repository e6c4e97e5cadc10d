/**
 * The schema as plain data, for programs in which people fill a document in: which members there are, and in what form.
 * Rules that no schema expresses are left out; validating the document finds violations of them.
 * @module
 */
import { compact } from "../compact.ts"
import { DEFAULT_SCHEMA_VERSION, isIn, type SchemaVersion } from "../version.ts"
import type {
  AttributeDefinition,
  ElementDefinition,
  ElementType,
  Facets,
  RecordType,
  ScalarBase,
} from "./definition.ts"
import { fileDetailsElement } from "./file-details.ts"
import { reportElement } from "./report.ts"

/** A value without structure, with its limits. */
export interface FormScalar extends Facets {
  readonly kind: "scalar"
  readonly base: ScalarBase
}

/** Text, a number or a boolean with attributes: `{ value, ...attributes }`. */
export interface FormAttributed {
  readonly kind: "attributed"
  /** Type of `value`. */
  readonly content: string
  readonly attributes: readonly FormAttribute[]
}

/** Members under their names. */
export interface FormRecord {
  readonly kind: "record"
  /** `choice`: exactly one of the members. */
  readonly order: "sequence" | "choice" | "all"
  readonly members: readonly FormMember[]
  readonly attributes: readonly FormAttribute[]
}

/** One type. */
export type FormType = FormScalar | FormAttributed | FormRecord

/** An attribute: a member beside the others. */
export interface FormAttribute {
  readonly name: string
  readonly type: string
  readonly required: boolean
}

/** A member. */
export interface FormMember extends FormAttribute {
  /** Whether its value is an array. */
  readonly repeated: boolean
  /** Members with the same number exclude each other. */
  readonly excludes?: number
  readonly doc?: string
}

/** The forms of both documents. */
export interface DocumentForms {
  readonly schemaVersion: SchemaVersion
  /** Types of the two documents. */
  readonly report: string
  readonly fileDetails: string
  /** Types by name; a type without a name in the schema is named by its place. */
  readonly types: Readonly<Record<string, FormType>>
}

/** Describes the documents of one edition. */
export function documentForms(version: SchemaVersion = DEFAULT_SCHEMA_VERSION): DocumentForms {
  const types: Record<string, FormType> = {}

  const add = (type: ElementType, place: string): string => {
    const name = type.name ?? (type.kind === "scalar" ? scalarName(type) : place)
    types[name] ??= toFormType(type, name)
    return name
  }
  const attributes = (list: readonly AttributeDefinition[], place: string): readonly FormAttribute[] =>
    list.map(({ name, type, required }) => ({ name, type: add(type, `${place}.${name}`), required }))
  const member = (element: ElementDefinition, place: string): FormMember =>
    compact({
      name: element.name,
      type: add(element.type, `${place}.${element.name}`),
      required: element.min === 1,
      repeated: element.max === "unbounded",
      doc: element.doc,
    })
  const members = (type: RecordType, place: string): readonly FormMember[] =>
    type.members.flatMap((particle, position) => {
      const elements = particle.kind === "element" ? [particle] : particle.members
      return elements
        .filter(({ since }) => isIn(version, since))
        .map((element) => ({
          ...member(element, place),
          ...compact({ excludes: particle.kind === "element" ? undefined : position }),
        }))
    })
  const toFormType = (type: ElementType, place: string): FormType => {
    switch (type.kind) {
      case "scalar": {
        const { name: _, ...facets } = type
        return facets
      }
      case "attributed":
        return {
          kind: "attributed",
          content: add(type.content, `${place}.value`),
          attributes: attributes(type.attributes, place),
        }
      case "record":
        return {
          kind: "record",
          order: type.order,
          members: members(type, place),
          attributes: attributes(type.attributes, place),
        }
    }
  }

  return {
    schemaVersion: version,
    report: add(reportElement.type, "report"),
    fileDetails: add(fileDetailsElement.type, "fileDetails"),
    types,
  }
}

/** Scalars without a name have no limits but this one. */
function scalarName({ base, fixed }: FormScalar): string {
  return fixed === undefined ? base : "flag"
}
