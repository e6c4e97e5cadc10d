export { type CheckpointKeyRotation, rotateCheckpointKey } from "./checkpoints/key-rotation.ts"
export {
  askCustodian,
  type CustodianClient,
  type CustodianResponse,
  createCustodianClient,
} from "./client.ts"
export { CustodianConfig, parseConfig, readConfig } from "./config.ts"
export { type InitOptions, type InitResult, initCustodian, setCredentials } from "./init.ts"
export { addCustodianIdentity, assertCustodianHas } from "./keys/add-identity.ts"
export { type CustodianLayout, custodianLayout, type ReportEnvironment } from "./layout.ts"
export type { RefusalReason } from "./refusal.ts"
export { type StartedCustodian, type StartOptions, startCustodian } from "./start.ts"
