/** Unlocks every key of a demonstration, which protect only generated shapes. */
export const DEMO_PASSPHRASE = "nightlight demonstration"

/** Key options of a demonstration's workspace. The low work factor makes unlocking quick. */
export const KEYS = { passphrase: DEMO_PASSPHRASE, workFactor: 12 }
