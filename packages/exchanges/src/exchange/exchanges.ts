import { ncmec } from "./ncmec/kind.ts"

/** Every kind of exchange, by the name used in configuration. */
export const EXCHANGE_KINDS = { ncmec } as const

/** Name of a kind of exchange. */
export type ExchangeKindName = keyof typeof EXCHANGE_KINDS
