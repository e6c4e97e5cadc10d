import type { AuditData } from "@nightlight/vault/audit"

/** A text member of an event; `""` if it is no text. */
export function textOf(data: AuditData, name: string): string {
  const value = data[name]
  return typeof value === "string" ? value : ""
}
