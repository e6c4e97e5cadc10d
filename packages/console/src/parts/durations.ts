/**
 * Lengths of time in milliseconds. Core has them too; the console imports the contract alone.
 * @module
 */
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000
