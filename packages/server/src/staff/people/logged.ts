/**
 * Projects people from the log: their roles, whether they were deactivated, and their relations to others.
 * @module
 */
import type { AuditEvent } from "@nightlight/vault/audit"
import { textOf } from "../../platform/events/read.ts"
import type { PersonRelation, RelationKind } from "./types.ts"

/** Type of the event that records a relation between two people. */
export const RELATION_RECORDED = "person.relation-recorded"

/** Reads a relation from its event. Without a time in the data, the event's time counts. */
export function toRelation({ data, at }: AuditEvent): PersonRelation {
  return {
    by: textOf(data, "by"),
    person: textOf(data, "subject"),
    kind: textOf(data, "kind") as RelationKind,
    at: new Date(textOf(data, "at") || at),
  }
}

/** A person by the events about them. */
export interface LoggedPerson {
  readonly roles: ReadonlySet<string>
  readonly isDeactivated: boolean
}

/** Projects the events about one person. */
export function projectPerson(events: readonly AuditEvent[], id: string): LoggedPerson {
  const roles = new Set<string>()
  let isDeactivated = false
  for (const { type, data } of events) {
    if (data["subject"] !== id) continue
    if (type === "role.granted") roles.add(textOf(data, "role"))
    if (type === "role.removed") roles.delete(textOf(data, "role"))
    if (type === "person.deactivated") isDeactivated = true
  }
  return { roles, isDeactivated }
}
