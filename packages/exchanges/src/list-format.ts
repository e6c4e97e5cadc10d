import type { ListParser } from "./list-parser.ts"

/** A format that list files come in. `formats.ts` lists all of them. */
export interface ListFormat {
  /** What it is called in help and documentation. */
  readonly title: string
  /** Whether a file is of this format. The table asks in its order: the first that says so reads the file. */
  detect(head: ListHead): boolean
  /** Makes a parser for one list. */
  createParser(): ListParser
}

/** How a list file begins. */
export interface ListHead {
  /** The first line that is not blank, trimmed; cut off where it is longer than the head. */
  readonly line: string
  /** The first 64 KiB as text. */
  readonly text: string
}
