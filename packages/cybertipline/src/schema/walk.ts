import { isIn, type SchemaVersion } from "../version.ts"
import type { ElementDefinition, RecordType } from "./definition.ts"

/** Every element of a record, in the schema's order, of all editions; elements of a choice among them. */
export function elementsOf(type: RecordType): readonly ElementDefinition[] {
  return type.members.flatMap((member) => (member.kind === "element" ? [member] : member.members))
}

/** The elements of a record in one edition, in order. */
export function elementsIn(type: RecordType, version: SchemaVersion): readonly ElementDefinition[] {
  return elementsOf(type).filter(({ since }) => isIn(version, since))
}

/** Members and attributes of a structured value, by name. */
export type Members = Readonly<Record<string, unknown>>

/** A member of a value's own: what it inherits is neither checked nor written, and `undefined` counts as left out. */
export function memberOf(value: Members, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined
}
