import type { AuditData } from "@nightlight/vault/audit"

/** A member of an event that is a text; `""` where it is none. */
export function textOf(data: AuditData, name: string): string {
  const value = data[name]
  return typeof value === "string" ? value : ""
}
