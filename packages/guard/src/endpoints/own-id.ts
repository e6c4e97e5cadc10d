/**
 * Ids of what the guard answers itself.
 * @module
 */
import { randomUUID } from "node:crypto"

/**
 * An id as the API makes them: an upstream refuses a later request in which one stands twice.
 *
 * @param prefix What it begins with, the sign between included: `msg_`, `chatcmpl-`.
 */
export function ownId(prefix: string): string {
  return `${prefix}${randomUUID().replaceAll("-", "")}`
}
