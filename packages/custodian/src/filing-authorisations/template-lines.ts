/**
 * Checks whether a line is one that two people signed, with values of the right type in its slots.
 * @module
 */
import type { TemplateSlot } from "@nightlight/contract/custodian"

/** Facts that the values of slots are compared with. */
export interface MeasuredFacts {
  /** Number of files in the grant. */
  readonly files: number
  /** SHA-256 of the files' contents, lower-case hexadecimal. */
  readonly sha256: ReadonlySet<string>
  /** Accounts that were sealed with the files; empty if there were none. */
  readonly accounts: ReadonlySet<string>
  /** Whether this custodian finished a report of this id at the same host. */
  readonly isFinished: (remoteReportId: string) => boolean
}

const MAX_URL_LENGTH = 2083

/** Form of a slot's value; none can contain the end of a line. */
const SLOT_FORMS: Readonly<Record<TemplateSlot, string>> = {
  files: "\\d{1,7}",
  number: "\\d{1,7}",
  sha256: "[0-9a-f]{64}",
  url: `\\S{1,${MAX_URL_LENGTH}}`,
  name: "[A-Za-z0-9][A-Za-z0-9._=@+-]{0,99}",
  time: "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d{1,6})?Z",
  reports: "\\d{1,20}(?:, \\d{1,20}){0,199}",
}

const SLOT = /\{(files|number|sha256|url|name|time|reports)\}/

/** Whether a text fits a pattern. */
export function matchesPattern(text: string, pattern: string, facts: MeasuredFacts): boolean {
  // Literals and slots alternate.
  const parts = pattern.split(SLOT)
  const source = parts.map((part, index) =>
    index % 2 === 0 ? part.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&") : `(${SLOT_FORMS[part as TemplateSlot]})`,
  )
  const values = new RegExp(`^${source.join("")}$`).exec(text)?.slice(1)
  return values?.every((value, index) => isTrue(parts[2 * index + 1] as TemplateSlot, value, facts)) ?? false
}

/** Whether a line consists of some of these parts, each once and in order. */
export function matchesPlace(line: string, place: readonly string[], facts: MeasuredFacts): boolean {
  let next = 0
  for (const part of line.split("; ")) {
    const i = place.findIndex((pattern, index) => index >= next && matchesPattern(part, pattern, facts))
    if (i === -1) return false
    next = i + 1
  }
  return true
}

/** Whether an address is http or https and contains no credentials. */
export function isPlainUrl(text: string): boolean {
  if (text.length > MAX_URL_LENGTH || /[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username === "" && password === ""
}

function isTrue(slot: TemplateSlot, value: string, { files, sha256, isFinished }: MeasuredFacts): boolean {
  switch (slot) {
    case "files":
      return Number(value) === files
    case "sha256":
      return sha256.has(value)
    case "url":
      return isPlainUrl(value)
    case "time":
      return !Number.isNaN(Date.parse(value))
    case "reports":
      return value.split(", ").every(isFinished)
    case "number":
    case "name":
      return true
  }
}
