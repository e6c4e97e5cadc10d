/**
 * The port that fetches linked content: `egress` does it, once, before any check.
 * @module
 */

/** Fetches pictures that bodies name by URL. */
export interface RemoteContent {
  /**
   * Fetches one picture. Public addresses only, each redirect checked again, bytes and time limited.
   *
   * @param maxBytes - a larger one is refused.
   * @throws {GuardRefusal} `reference_unavailable`; says neither why nor where.
   */
  fetch(url: string, maxBytes: number, signal: AbortSignal): Promise<Uint8Array>
}
