export { assertNoDemo, type DemoPerson } from "./day/folder.ts"
export {
  type DemoAccounts,
  type DemoHost,
  type DemonstrationRequest,
  runDemonstration,
  type StartHooks,
} from "./run-demonstration.ts"
export { DEMO_PASSPHRASE, type DemoRequest, type DemoResult, type DemoWatcher, runDemo } from "./screen-dataset.ts"
