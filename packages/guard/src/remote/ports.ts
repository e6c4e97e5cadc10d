/**
 * Fetching what a body only names: done by `egress`, once, before any check.
 * @module
 */

/** Fetches pictures that bodies name by URL. */
export interface RemoteContent {
  /**
   * Fetches one. Public addresses only, each redirect checked again, bytes and time capped.
   *
   * @param maxBytes - more is refused.
   * @throws {GuardRefusal} `reference_unavailable`; says neither why nor where.
   */
  fetch(url: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>
}
