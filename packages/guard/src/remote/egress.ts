/**
 * Fetches pictures by link over `egress`: public addresses only, each redirect checked again, no credential.
 * @module
 */
import { createEgress, type EgressOptions } from "@nightlight/egress"
import { GuardRefusal } from "../errors.ts"
import type { RemoteContent } from "./ports.ts"

/** Milliseconds for one picture. */
const TIMEOUT_MS = 15_000

/** Makes the port over `egress`. */
export function createRemoteContent(options: EgressOptions = {}): RemoteContent {
  const egress = createEgress(options)
  return {
    fetch: async (url, maxBytes, signal) => {
      try {
        const { bytes } = await egress.fetchBytes(url, { maxBytes, timeoutMs: TIMEOUT_MS, accept: ["image/*"], signal })
        return bytes
      } catch {
        signal.throwIfAborted()
        // The reason would tell a caller about hosts of the internal network.
        throw new GuardRefusal("reference_unavailable", "a link could not be fetched")
      }
    },
  }
}
