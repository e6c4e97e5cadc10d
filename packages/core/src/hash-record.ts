/**
 * One entry of a hash list on its way from a file or an exchange into a snapshot.
 * @module
 */
import type { HashType } from "./decision.ts"

/** An entry of a hash list. */
export interface HashRecord {
  readonly hashType: HashType
  /** Lower-case hexadecimal: 32, 40, 64 or 64 digits for md5, sha1, sha256, pdq. */
  readonly hash: string
  /** The source's own word, `unspecified` where it gives none. */
  readonly category: string
  /** The source's own id of the entry, where it has one. */
  readonly id?: string
  /** PDQ quality as the source gives it, 0 to 100. */
  readonly quality?: number
}

/** A line or element of a list that is not a record. Names where, never what. */
export interface BadRecord {
  /** Line (or, in XML and JSON, entry) number from 1. */
  readonly line: number
  readonly reason: "hash_malformed" | "type_unknown" | "fields_missing" | "line_too_long" | "not_parsed"
}

/** What a reader of a list yields, in the list's order. */
export type ListItem =
  | { readonly ok: true; readonly line: number; readonly record: HashRecord }
  | { readonly ok: false; readonly bad: BadRecord }
