/**
 * Claims expire: a person who claims a case and goes away holds it no longer than the lease.
 * @module
 */
import type { CaseHead } from "../state/head.ts"

/** How long a claim lasts without a renewal. */
export const LEASE_MS = 15 * 60_000

/**
 * The person who holds the case now. A lease that ends later than one lease from now was given by a clock that has been
 * set back since; it does not count, or a wrong clock would lock a case for as long as it was wrong.
 */
export function holderOf({ claim }: Pick<CaseHead, "claim">, now: Date): string | undefined {
  if (claim === undefined) return undefined
  const leftMs = Date.parse(claim.until) - now.getTime()
  return leftMs > 0 && leftMs <= LEASE_MS ? claim.by : undefined
}

/** The end of a lease taken or renewed now. */
export function leaseEnd(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString()
}
