/**
 * Entries of a hash list, as read from a file or an exchange.
 * @module
 */
import type { HashType, Trust } from "./decision.ts"

/** An entry of a hash list. */
export interface HashRecord {
  readonly hashType: HashType
  /** Lower-case hexadecimal: 32 digits for md5, 40 for sha1, 64 for sha256, pdq and url. */
  readonly hash: string
  /** The source's own term, or `unspecified`. */
  readonly category: string
  /** The source's own id of the entry, where it has one. */
  readonly id?: string
  /** PDQ quality from the source, 0 to 100. */
  readonly quality?: number
}

/** A line or element of a list that is not a record: its place, never its content. */
export interface BadRecord {
  /** Line (or, in XML and JSON, entry) number from 1. */
  readonly line: number
  /**
   * `type_unsupported` is a hash of a type that Nightlight does not match (PhotoDNA, TMK+PDQF); not an error of the
   * source. `field_malformed` is a field with neither text nor a number. `field_unread` is a column or field with an
   * unknown name that contains hashes.
   */
  readonly reason:
    | "hash_malformed"
    | "type_unknown"
    | "type_unsupported"
    | "fields_missing"
    | "field_malformed"
    | "field_unread"
    | "line_too_long"
    | "not_parsed"
  /** The type of the unreadable hash, where the line states it. */
  readonly hashType?: HashType
}

/** A source's statements about its whole list, made in an entry; the importer refuses entries that disagree. */
export interface ListAttributes {
  readonly trust?: Trust
  readonly radiusBits?: number
  /** ISO 8601 date or date and time. */
  readonly asOf?: string
  readonly terms?: string
}

/** An item that a reader of a list yields, in the list's order. */
export type ListItem =
  | { readonly ok: true; readonly line: number; readonly record: HashRecord; readonly attributes?: ListAttributes }
  | { readonly ok: false; readonly bad: BadRecord }

/** A list that can be read once. */
export interface ListSource extends AsyncIterable<ListItem> {
  /**
   * Lower-case hexadecimal SHA-256 of the source's bytes as stored, once the last item has been read; `undefined`
   * before.
   */
  readonly sourceSha256: string | undefined
}
