/**
 * The schema of a report, as the summary and the editor use it.
 * @module
 */
import type { ReportFormType } from "@nightlight/contract/server"
import type { Detail, Form } from "./queries.ts"
import { reportFields } from "./words-fields.ts"

/** With more files than this, each is folded at first. */
export const FILES_OPEN = 3

/** Members of a record, by name. */
export type Members = Readonly<Record<string, unknown>>

type Typed<Kind extends ReportFormType["kind"]> = Extract<ReportFormType, { readonly kind: Kind }>
/** A type without structure. */
export type Scalar = Typed<"scalar">
/** A type of text with attributes. */
export type Attributed = Typed<"attributed">
/** A type with members. */
export type FormRecord = Typed<"record">
/** A member of a record type. */
export type Member = FormRecord["members"][number]

/** A type by its name. @throws {Error} if the schema lacks it. */
export function typeOf(form: Form, name: string): ReportFormType {
  const type = form.types[name]
  if (type === undefined) throw new Error(`the schema has no type ${name}`)
  return type
}

/** A scalar type by its name. @throws {Error} if it is no scalar. */
export function scalarOf(form: Form, name: string): Scalar {
  const type = typeOf(form, name)
  if (type.kind !== "scalar") throw new Error(`expected ${name} to be a scalar`)
  return type
}

/** A record type by its name. @throws {Error} if it is no record. */
export function recordOf(form: Form, name: string): FormRecord {
  const type = typeOf(form, name)
  if (type.kind !== "record") throw new Error(`expected ${name} to be a record`)
  return type
}

/** The name of an element in words. */
export const labelOf = (name: string): string => reportFields[name] ?? name

/** A value's members; empty if it is not an object. */
export const membersOf = (value: unknown): Members =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : {}

/** A value's entries; empty if it is not an array. */
export const entriesOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Whether every member of a record is a mark, which is either present or absent. */
export function isMarks(form: Form, type: FormRecord): boolean {
  return type.order === "all" && type.members.every(({ type: name }) => form.types[name]?.kind === "scalar")
}

/** The initial value of a member that was just added. */
export function blank(form: Form, typeName: string): unknown {
  const type = typeOf(form, typeName)
  if (type.kind === "scalar") return type.fixed === undefined ? "" : true
  if (type.kind === "attributed") return { value: blank(form, type.content) }
  if (type.order === "choice") {
    const [first] = type.members
    return first === undefined ? {} : { [first.name]: blank(form, first.type) }
  }
  const needed = [...type.members, ...type.attributes].filter(({ required }) => required)
  return Object.fromEntries(needed.map(({ name, type: below }) => [name, blank(form, below)]))
}

/** A value as it is saved: without empty members; `undefined` if nothing remains. */
export function withoutEmptyMembers(form: Form, typeName: string, value: unknown): unknown {
  const type = typeOf(form, typeName)
  if (type.kind === "scalar") return value === "" ? undefined : value
  const members = membersOf(value)
  const below: readonly Pick<Member, "name" | "type" | "repeated">[] = [
    ...(type.kind === "record" ? type.members : [{ name: "value", type: type.content, repeated: false }]),
    ...type.attributes.map((one) => ({ ...one, repeated: false })),
  ]
  const kept = below.flatMap(({ name, type: memberType, repeated }) => {
    const member = members[name]
    if (member === undefined) return []
    if (!repeated) return [[name, withoutEmptyMembers(form, memberType, member)] as const]
    const entries = entriesOf(member)
      .map((entry) => withoutEmptyMembers(form, memberType, entry))
      .filter((entry) => entry !== undefined)
    return [[name, entries.length === 0 ? undefined : entries] as const]
  })
  const left = Object.fromEntries(kept.filter(([, member]) => member !== undefined))
  const isEmpty = Object.keys(left).length === 0
  // Empty text and an empty set of marks are omitted as well.
  if (isEmpty && (type.kind === "attributed" || isMarks(form, type))) return undefined
  return left
}

/** The part of a report that is edited: its document and files. */
export type Content = Pick<Detail, "document" | "files">

/** The origin of a statement, or of the nearest record above that has one. */
export function originOf(origins: Detail["origins"], path: string): string | undefined {
  for (let at = path; at !== ""; at = at.replace(/(\.[^.[]+|\[\d+\])$/, "")) {
    const origin = origins[at]
    if (origin !== undefined) return origin
    if (!/[.[]/.test(at)) return undefined
  }
  return undefined
}

/** Whether statements below this one have origins of their own. */
export function isMixed(origins: Detail["origins"], path: string): boolean {
  return Object.keys(origins).some((place) => place.startsWith(`${path}.`) || place.startsWith(`${path}[`))
}

/** The element id of a statement's field, from its path. */
export const anchorOf = (path: string): string => `field-${path.replaceAll(/[^A-Za-z0-9]+/g, "-")}`
