import { RequestError } from "@nightlight/core"

/**
 * Checks the address of a store. Without `https://`, a host and port would only ever seem not to answer.
 *
 * @param where - Where the operator wrote it, such as the name of a variable.
 * @throws {RequestError} `input_invalid` if it is no URL of `http` or `https`.
 */
export function assertWebAddress(text: string, where: string): void {
  if (URL.canParse(text) && /^https?:\/\//i.test(text)) return
  throw new RequestError("input_invalid", `expected a URL that begins with https:// in ${where}`)
}
