/**
 * Text that a terminal, a browser, a database or XML would misinterpret.
 * @module
 */

/** Controls, formats, surrogates, unassigned and separators; and what closes a CDATA section, a tag or a formula. */
const UNUSUAL = /[\p{Cc}\p{Cf}\p{Cn}\p{Co}\p{Cs}\p{Zl}\p{Zp}<>]|\]\]>|^[=+@-]/u

/** Whether any text in a JSON value, member names included, is unusual. */
export function isUnusualText(value: unknown): boolean {
  if (typeof value === "string") return UNUSUAL.test(value)
  if (typeof value !== "object" || value === null) return false
  if (Array.isArray(value)) return value.some(isUnusualText)
  return Object.entries(value).some(([name, member]) => UNUSUAL.test(name) || isUnusualText(member))
}
