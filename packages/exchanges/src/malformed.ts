import { compact, RequestError } from "@nightlight/core"

/**
 * Makes the error for an unreadable list.
 *
 * @param what - what was expected; never text from the list.
 * @param line - line or entry number from 1, where there is one.
 */
export function listMalformed(what: string, line?: number): RequestError {
  return new RequestError(
    "list_malformed",
    line === undefined ? what : `line ${line}: ${what}`,
    compact({
      details: line === undefined ? undefined : { line },
      hint: "See the formats in `nightlight lists import --help`; text must be UTF-8.",
    }),
  )
}
