/**
 * The formats of list files. To add one, write its file in this folder, and import and list it here.
 * @module
 */
import { csv, tsv } from "./delimited.ts"
import { json } from "./json-list.ts"
import type { ListFormat } from "./list-format.ts"
import { ncmecXml } from "./ncmec-xml.ts"
import { ndjson } from "./ndjson.ts"
import { urlLines } from "./url-lines.ts"

/** Formats by their `--format` name, in the order of detection: `csv` accepts whatever the others do not. */
export const LIST_FORMATS = {
  "ncmec-xml": ncmecXml,
  ndjson,
  json,
  "url-lines": urlLines,
  tsv,
  csv,
} satisfies Readonly<Record<string, ListFormat>>

/** Name of a list format. */
export type ListFormatName = keyof typeof LIST_FORMATS

/** The names of the formats, in the table's order. */
export const listFormatNames = Object.keys(LIST_FORMATS) as readonly ListFormatName[]
