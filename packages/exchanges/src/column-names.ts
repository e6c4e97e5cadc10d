import { isForeignType } from "./hash-text.ts"
import { COLUMN, type Column } from "./rows.ts"

/** The meaning of a column's or JSON field's name: a position in a row, or one of the three constants below. */
export type ColumnMeaning = number

/** No known meaning. */
export const IGNORED = -1
/** The name means hashes but no type: the content is counted as `field_unread`. */
export const UNREAD = -2
/** Hashes of an unsupported type: the content is counted as `type_unsupported`. */
export const FOREIGN = -3

/** Other common names of the columns, without case and punctuation. */
const ALIASES: Readonly<Record<string, Column>> = {
  asof: "as_of",
  hashvalue: "hash",
  hashtype: "type",
  signaltype: "type",
  pdqquality: "pdq_quality",
}
const TYPED = /^(?:hash)?(md5|sha1|sha256|pdq)(?:hash|hex|sum|digest)?$/
const NAMES_A_HASH = /hash|digest|checksum|fingerprint|md5|sha\d|pdq|photodna|pdna/
/** Names of files, locations and keys, whose content may look like a hash but is not one. */
const NAMES_A_PLACE = /^(?:file|path|url|uri|name|key|id|uid|guid|uuid)$|(?:file|path|url|uri|name|key|id)$/

/** Looks up the meaning of a column's or field's name. */
export function meaningOf(name: string): ColumnMeaning {
  const plain = plainName(name)
  const column = TYPED.exec(plain)?.[1] ?? ALIASES[plain] ?? plain
  if (Object.hasOwn(COLUMN, column)) return COLUMN[column as Column]
  if (isForeignType(plain)) return FOREIGN
  return NAMES_A_HASH.test(plain) && !NAMES_A_PLACE.test(plain) ? UNREAD : IGNORED
}

/** Whether a column with this name may contain hashes; a column of files or keys never does, whatever its content. */
export function mayHoldHashes(name: string): boolean {
  return !NAMES_A_PLACE.test(plainName(name))
}

/** A name without case and punctuation. No known name is longer than 64 characters. */
function plainName(name: string): string {
  return name
    .slice(0, 65)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
}
