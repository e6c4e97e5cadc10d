export { createIntakeClient, type IntakeClient, type IntakeClientOptions } from "./intake-client.ts"
export { parseServerAddress } from "./server-address.ts"
