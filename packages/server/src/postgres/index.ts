export type { RunningPostgres } from "./launch.ts"
export { type StartPostgresOptions, startPostgres } from "./start.ts"
