import { randomUUID } from "node:crypto"
import type { GuardHeartbeat } from "@nightlight/contract/server"

/** A guard's word. */
export function aHeartbeat(changes: Partial<GuardHeartbeat> = {}): GuardHeartbeat {
  return {
    instance: `guard-${randomUUID()}`,
    version: "0.1.0",
    startedAt: "2026-06-01T11:00:00.000Z",
    state: "running",
    ready: true,
    faults: [],
    config: "0123456789ab",
    policy: { name: "built-in", digest: "0".repeat(64) },
    isolation: "bwrap+seccomp",
    lists: {
      indexVersion: 4,
      screens: true,
      lists: [{ name: "known", trust: "trusted", snapshot: 3, radiusBits: 31, asOf: "2026-05-20", entries: 12_000 }],
    },
    surfaces: [
      { surface: "chat.input.image", checks: ["hash-match"], screened: true },
      { surface: "chat.output.text", checks: [], screened: false, excusedUntil: "2026-07-01T00:00:00.000Z" },
    ],
    counts: {
      requests: 10,
      passed: 7,
      blockedInput: 1,
      blockedOutput: 1,
      unavailable: 0,
      refused: 1,
      upstreamFailed: 0,
      gone: 0,
      unscreened: 2,
      checkFailures: 0,
    },
    spool: { records: 0, accepting: true },
    ...changes,
  }
}
