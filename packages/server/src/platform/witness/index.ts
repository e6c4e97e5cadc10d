export { addWitnessClient, type NewWitnessClient } from "./clients.ts"
export { type RunningWitness, serveWitness, type WitnessOptions } from "./serve.ts"
