export {
  type FoundGeneration,
  findGenerations,
  type GenerationQuery,
  type GenerationSearch,
} from "./find-generations.ts"
export type { Generation, LoggedGeneration } from "./generation.ts"
export { type GenerationLog, type GenerationLogOptions, openGenerationLog } from "./generation-log.ts"
