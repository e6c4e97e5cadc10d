/**
 * How another feature changes a case: under its lock, by events.
 * @module
 */
export { readItemIds, readItemStrengths } from "./items/item-store.ts"
export { readSettling } from "./queue/queue-store.ts"
export { applyEvents, lockHead, readHead } from "./store.ts"
export { isBlindOver } from "./views.ts"
