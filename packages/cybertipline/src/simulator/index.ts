export { connectAdmin, type SimulatorAdmin } from "./admin.ts"
export type { SimulatedAnswer } from "./answers.ts"
export {
  createSimulator,
  type SimulatedCall,
  type SimulatorCore,
  type SimulatorOptions,
  type SimulatorState,
} from "./core.ts"
export { type Fault, type FaultKind, SIMULATED_PATHS, type SimulatedPath } from "./faults.ts"
export type { SimulatedRequest } from "./handlers.ts"
export type { ProcessOptions } from "./main.ts"
export { type SimulatorProcess, startSimulatorProcess } from "./process.ts"
export { type ServerOptions, type Simulator, startSimulator } from "./server.ts"
export type { SimulatedFile, SimulatedReport } from "./state.ts"
