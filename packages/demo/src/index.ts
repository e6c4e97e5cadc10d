export { custodianRole } from "./day/people.ts"
export { type DemoAccounts, openDemonstration } from "./demonstration.ts"
export { DEMO_PASSPHRASE } from "./passphrase.ts"
export { demonstrateScan, type ScreeningResult } from "./screen-dataset.ts"
