/**
 * Pictures by link, fetched by `egress`: public addresses only, each redirect checked again, no credential.
 * @module
 */
import { createEgress, type EgressOptions } from "@nightlight/egress"
import { GuardRefusal } from "../errors.ts"
import type { RemoteContent } from "./ports.ts"

/** How long one picture may take, milliseconds. */
const TIMEOUT_MS = 15_000

/** Makes the way out. */
export function createRemoteContent(options: EgressOptions = {}): RemoteContent {
  const egress = createEgress(options)
  return {
    fetch: async (url, maxBytes, signal) => {
      try {
        const { bytes } = await egress.fetchBytes(url, { maxBytes, timeoutMs: TIMEOUT_MS, accept: ["image/*"], signal })
        return bytes
      } catch {
        signal.throwIfAborted()
        // Why it failed would tell a caller what is to be found inside.
        throw new GuardRefusal("reference_unavailable", "a link could not be fetched")
      }
    },
  }
}
