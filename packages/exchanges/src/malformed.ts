import { compact, RequestError } from "@nightlight/core"

/**
 * Makes the error for a list that cannot be read as a whole.
 *
 * @param what - what was expected; never text of the list itself.
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
