import type { ListParser } from "./list-parser.ts"

/** A format of list files. `formats.ts` lists all of them. */
export interface ListFormat {
  /** Its name in help and documentation. */
  readonly title: string
  /**
   * Whether a file has this format. Formats are tried in the table's order, and the first that accepts the file reads
   * it.
   */
  detect(head: ListHead): boolean
  /** Makes a parser for one list. */
  createParser(): ListParser
}

/** The beginning of a list file. */
export interface ListHead {
  /** The first line that is not blank, trimmed; cut where it is longer than the head. */
  readonly line: string
  /** The first 64 KiB as text. */
  readonly text: string
}
