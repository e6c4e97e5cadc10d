export { launch, type RunningPostgres } from "./postgres/launch.ts"
export { stopLeftovers } from "./postgres/leftovers.ts"
export { ensureDatabase } from "./postgres/roles.ts"
export { type StartPostgresOptions, startPostgres } from "./postgres/start.ts"
