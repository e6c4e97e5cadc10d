import { createEgress, type Egress, type EgressOptions, type FetchOptions } from "../../src/index.ts"
import type { TestServer } from "./servers.ts"

/** Limits that no test meets by chance. */
export const WIDE: FetchOptions = { maxBytes: 1_000_000, timeoutMs: 30_000 }

/** A name that every test's resolver puts on this machine. */
export const HOST = "pictures.example"

/** An egress that may reach these servers, where every name stands for 127.0.0.1. */
export function egressTo(servers: readonly TestServer[], options: EgressOptions = {}): Egress {
  return createEgress({
    resolve: async () => ["127.0.0.1"],
    allowLoopbackForTests: servers.map(({ endpoint }) => endpoint),
    ...options,
  })
}

/** Where a server is, by name. */
export function urlOf({ endpoint }: TestServer, path = "/", host = HOST): string {
  return `http://${host}:${endpoint.port}${path}`
}

/** Code and reason of what a promise rejects with, and all that its error says. */
export async function failure(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown as Error & { code?: string; details?: Record<string, unknown> },
  )
  if (error === undefined) throw new Error("expected a failure")
  return {
    code: error.code,
    reason: error.details?.["reason"],
    told: JSON.stringify([error.message, error.stack, error.details, error.cause ?? null]),
  }
}
