/**
 * Ids of answers that the guard gives itself.
 * @module
 */
import { randomUUID } from "node:crypto"

/**
 * Makes an id in the API's form. It is unique, because an upstream refuses a later request that repeats an id.
 *
 * @param prefix Its beginning, with the separator: `msg_`, `chatcmpl-`.
 */
export function ownId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll("-", "")}`
}
