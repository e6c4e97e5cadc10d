/**
 * Named fields of WARC records and HTTP messages.
 * @module
 */

/** A field: its name in lower case, and its value. */
export type Field = readonly [name: string, value: string]

/**
 * Reads the fields of a header in their order. The first line, a version or status, is left out; a line that begins with
 * a space continues the one before.
 */
export function parseFields(header: string): readonly Field[] {
  const fields: [string, string][] = []
  for (const line of header.split("\n").slice(1)) {
    const last = fields.at(-1)
    if (/^[ \t]/.test(line)) {
      if (last !== undefined) last[1] += ` ${line.trim()}`
      continue
    }
    const colon = line.indexOf(":")
    if (colon > 0) fields.push([line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()])
  }
  return fields
}

/** The first value of a field. */
export function fieldOf(fields: readonly Field[], name: string): string | undefined {
  return fields.find(([found]) => found === name)?.[1]
}
