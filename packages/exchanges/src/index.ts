export type {
  EntryChange,
  EntryVote,
  EntryVotes,
  Exchange,
  ExchangeCheckpoint,
  ExchangeEntry,
  ExchangePage,
  FetchOptions,
  ForeignHash,
} from "./exchange/exchange.ts"
export type { ExchangeKind, ExchangeSurroundings } from "./exchange/exchange-kind.ts"
export { EXCHANGE_KINDS, type ExchangeKindName } from "./exchange/exchanges.ts"
export { LIST_FORMATS, type ListFormatName, listFormatNames } from "./formats.ts"
export { type ReadHashListOptions, readHashList } from "./read-hash-list.ts"
