export type { AccountRecord, Accounts, AgeBand, Caller, EndUser } from "./accounts/caller.ts"
export type { Readiness } from "./admin/admin-server.ts"
export type { Check, CheckContext, CheckKind, FailureMode, Signal, Verdict } from "./checks/check.ts"
export { type AddedKey, addKey } from "./config/add-key.ts"
export { defaultGuardText } from "./config/default-text.ts"
export { GuardConfig } from "./config/schema.ts"
export { GuardRefusal, type RefusalCode } from "./errors.ts"
export { type KeptIncident, readKeptIncidents } from "./incidents/kept-incidents.ts"
export {
  type IncidentOptions,
  type KeepingLimits,
  type KeepingPlace,
  type LogEvent,
  openIncidents,
} from "./incidents/open-incidents.ts"
export type { BlockEvent, IncidentState, Incidents } from "./incidents/ports.ts"
export type { Custody } from "./incidents/provenance.ts"
export { type LocalGuard, type LocalGuardOptions, startLocalGuard } from "./local-guard/local-guard.ts"
export { createRemoteContent } from "./remote/egress.ts"
export type { RemoteContent } from "./remote/ports.ts"
export { type Guard, type GuardEvent, type GuardOptions, type GuardWorkspace, startGuard } from "./start.ts"
