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
      hint: "nightlight lists import --help names the formats of lists; text is UTF-8",
    }),
  )
}
