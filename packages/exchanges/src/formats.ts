/**
 * The formats of list files. A new one is a file beside this one, and a line here.
 * @module
 */
import { csv, tsv } from "./delimited.ts"
import { json } from "./json-list.ts"
import type { ListFormat } from "./list-format.ts"
import { ncmecXml } from "./ncmec-xml.ts"
import { ndjson } from "./ndjson.ts"

/**
 * Formats by the name that `--format` takes, in the order in which a file is offered to them: `csv` takes what is left.
 */
export const LIST_FORMATS = {
  "ncmec-xml": ncmecXml,
  ndjson,
  json,
  tsv,
  csv,
} satisfies Readonly<Record<string, ListFormat>>

/** Name of a format of list files. */
export type ListFormatName = keyof typeof LIST_FORMATS

/** The names, in the table's order. */
export const listFormatNames = Object.keys(LIST_FORMATS) as readonly ListFormatName[]
