export { custodianRole } from "./day/people.ts"
export { type DemoAccounts, type Demonstration, openDemonstration, type RunningService } from "./demonstration.ts"
export { DEMO_PASSPHRASE } from "./passphrase.ts"
export {
  demonstrateScan,
  type ScreeningRequest,
  type ScreeningResult,
  type ScreeningWatcher,
} from "./screen-dataset.ts"
