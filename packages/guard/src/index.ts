export type { AccountStanding, Accounts, AgeBand, Caller, EndUser } from "./accounts/caller.ts"
export type { Readiness } from "./admin/admin-server.ts"
export { type KeptFind, readKeptFinds } from "./aftermath/kept-finds.ts"
export {
  type AftermathOptions,
  type KeepingLimits,
  type KeepingPlace,
  type LogEvent,
  openAftermath,
} from "./aftermath/open-aftermath.ts"
export type { Aftermath, AftermathState, BlockEvent } from "./aftermath/ports.ts"
export type { Custody } from "./aftermath/provenance.ts"
export type { Check, CheckContext, CheckKind, FailureMode, Signal, Verdict } from "./checks/check.ts"
export { type AddedKey, addKey } from "./config/add-key.ts"
export { defaultGuardText } from "./config/default-text.ts"
export { GuardConfig } from "./config/schema.ts"
export { GuardRefusal, type RefusalCode } from "./errors.ts"
export { createRemoteContent } from "./remote/egress.ts"
export type { RemoteContent } from "./remote/ports.ts"
export { type OwnGuard, type OwnGuardOptions, startOwnGuard } from "./self/own-guard.ts"
export { type Guard, type GuardEvent, type GuardOptions, type GuardWorkspace, startGuard } from "./start.ts"
