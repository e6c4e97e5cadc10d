/**
 * Claims end by themselves: whoever holds a case and goes away holds it no longer than the lease.
 * @module
 */
import type { CaseHead } from "../state/head.ts"

/** How long a claim lasts without a sign of life. */
export const LEASE_MS = 15 * 60_000

/**
 * Whether somebody holds the case now. A lease that reaches further than one lease from now was given by a clock that
 * has been set back since: it binds nobody, or a wrong clock would lock a case for as long as it was wrong.
 */
export function holderOf({ claim }: Pick<CaseHead, "claim">, now: Date): string | undefined {
  if (claim === undefined) return undefined
  const leftMs = Date.parse(claim.until) - now.getTime()
  return leftMs > 0 && leftMs <= LEASE_MS ? claim.by : undefined
}

/** When a lease taken or renewed now ends. */
export function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString()
}
