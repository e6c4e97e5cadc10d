export {
  type NcmecCommand,
  NcmecSimulator,
  type NcmecSimulatorOptions,
  type SimulatedEntry,
} from "./ncmec/simulator.ts"
export { type SimulatorProcess, startSimulatorProcess } from "./process.ts"
export { type ServedExchange, type ServeOptions, serveExchange } from "./serve.ts"
export type {
  SimulatedAnswer,
  SimulatedCall,
  SimulatedExchange,
  SimulatedFault,
  SimulatedRequest,
} from "./simulated.ts"
