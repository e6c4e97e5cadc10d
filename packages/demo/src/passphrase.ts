/** Opens every key of a demonstration; they protect nothing but generated shapes. */
export const DEMO_PASSPHRASE = "nightlight demonstration"

/** The keys of a demonstration's workspace: quick to unlock. */
export const KEYS = { passphrase: DEMO_PASSPHRASE, workFactor: 12 }
