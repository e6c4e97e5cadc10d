import { RequestError } from "@nightlight/core"

const LIST_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Whether a text is a valid list name: lower-case letters, digits and dashes, 63 at most, no dash first. */
export function isListName(text: string): boolean {
  return LIST_NAME.test(text)
}

/** @throws {RequestError} `input_invalid` unless the text is a valid list name. */
export function assertListName(text: string): void {
  if (isListName(text)) return
  throw new RequestError("input_invalid", "expected a list name of lower-case letters, digits and dashes, at most 63")
}
