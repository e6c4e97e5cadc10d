import type { ShareView } from "@nightlight/contract/server"

/** Two-sided 95 % of the normal distribution. */
const Z = 1.959_963_984_540_054

/**
 * A share with its Wilson score interval at 95 % (E. B. Wilson, 1927; without correction for continuity). Unlike the
 * textbook interval it stays within 0 and 1, and is defined for few and for none.
 *
 * @param count - From 0 to `of`.
 * @param of - The total. If it is 0, nothing is known: the interval is 0 to 1, and there is no share.
 */
export function toShare(count: number, of: number): ShareView {
  if (of === 0) return { count, of, low: 0, high: 1 }
  const share = count / of
  const spread = Z * Math.sqrt((share * (1 - share) + Z ** 2 / (4 * of)) / of)
  const centre = share + Z ** 2 / (2 * of)
  const scale = 1 + Z ** 2 / of
  // At the ends the bound is the share itself; rounding must not exceed it.
  const low = count === 0 ? 0 : Math.max(0, (centre - spread) / scale)
  const high = count === of ? 1 : Math.min(1, (centre + spread) / scale)
  return { count, of, share, low, high }
}
