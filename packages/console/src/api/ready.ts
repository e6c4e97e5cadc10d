/**
 * The readiness of each part of the installation, as health probes see it.
 * @module
 */
import { queryOptions } from "@tanstack/react-query"

/** The answer of `GET /readyz`. */
export interface Ready {
  readonly status: "ready" | "not-ready"
  readonly database: "ready" | "unreachable" | "not-migrated"
  readonly disk: "ready" | "database" | "evidence"
  readonly custodian: "ready" | "locked" | "no-key" | "unreachable"
  readonly lists: "live" | "test-only" | "refused" | "none"
  readonly custody: "separated" | "shared" | "unknown"
  readonly isolation: "bwrap+seccomp" | "bwrap" | "unshare" | "none" | "unknown"
  readonly decoding: "isolated" | "accepted" | "refused" | "not-required" | "unknown"
  readonly custodianIsolation: Ready["isolation"]
  readonly custodianDecoding: Ready["decoding"]
}

/** Polled twice a minute: locking the custodian is no event in the log. */
export const readyQuery = queryOptions({
  queryKey: ["ready"],
  queryFn: async ({ signal }) => (await (await fetch("/readyz", { signal, cache: "no-store" })).json()) as Ready,
  refetchInterval: 30_000,
})
