/** A member of a value whose form nobody has checked; `undefined` where it has none, or is no object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined
}
