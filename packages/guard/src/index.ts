export type { AccountStanding, Accounts, AgeBand, Caller, EndUser } from "./accounts/caller.ts"
export type { Aftermath, AftermathState, BlockEvent } from "./aftermath/ports.ts"
export type { Check, CheckContext, CheckKind, FailureMode, Signal, Verdict } from "./checks/check.ts"
export { GuardRefusal, type RefusalCode } from "./errors.ts"
