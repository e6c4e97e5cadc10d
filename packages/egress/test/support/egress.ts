import { createEgress, type Egress, type EgressOptions, type FetchOptions } from "../../src/index.ts"
import type { TestServer } from "./servers.ts"

/** Limits that no test reaches by accident. */
export const WIDE: FetchOptions = { maxBytes: 1_000_000, timeoutMs: 30_000 }

/** A name that every test's resolver maps to this machine. */
export const HOST = "pictures.example"

/** An egress that may reach these servers, with every name resolving to 127.0.0.1. */
export function egressTo(servers: readonly TestServer[], options: EgressOptions = {}): Egress {
  return createEgress({
    resolve: async () => ["127.0.0.1"],
    allowLoopbackForTests: servers.map(({ endpoint }) => endpoint),
    ...options,
  })
}

/** A server's URL by name. */
export function urlOf({ endpoint }: TestServer, path = "/", host = HOST): string {
  return `http://${host}:${endpoint.port}${path}`
}

/** Code, reason and full text of the error with which a promise rejects. */
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
