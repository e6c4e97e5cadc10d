/**
 * The features of the service, each made from what it needs.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { Kysely } from "kysely"
import type { Logger } from "pino"
import type { ServerPaths } from "./config/read.ts"
import type { ServerConfig } from "./config/schema.ts"
import type { ContextKeys } from "./context-keys/context-keys.ts"
import type { CustodianClient } from "./custodian/port.ts"
import type { Database } from "./db/pool.ts"
import type { Tables } from "./db/tables.ts"
import { createCheckpointJob } from "./events/checkpoint.ts"
import type { Authenticate, Feature } from "./feature.ts"
import { healthRoutes } from "./health/routes.ts"
import { readHealth } from "./health/state.ts"
import type { Jobs } from "./jobs/job.ts"
import { operationMeasures } from "./operations/measures.ts"
import { operationRoutes } from "./operations/routes.ts"
import { createTasks, type Tasks } from "./operations/tasks.ts"

/** What features are made from. */
export interface Shared {
  readonly db: Kysely<Tables>
  readonly database: Database
  readonly clock: Clock
  readonly contextKeys: ContextKeys
  readonly digests: KeyedDigest
  readonly custodian: CustodianClient
  readonly jobs: Jobs
  readonly config: ServerConfig
  readonly paths: ServerPaths
  /** The first makes links. */
  readonly origins: readonly string[]
  readonly log: Logger
}

/** The service's parts. */
export interface Features {
  readonly features: readonly Feature[]
  readonly authenticate: Authenticate
  readonly tasks: Tasks
}

/** Makes every feature. */
export function createFeatures(shared: Shared): Features {
  const tasks = createTasks(shared)
  const features: readonly Feature[] = [
    {
      name: "health",
      routes: (app) => healthRoutes(app, { health: () => readHealth(shared) }),
    },
    {
      name: "operations",
      routes: (app) => operationRoutes(app, { ...shared, tasks }),
      jobs: [createCheckpointJob(shared)],
      measures: operationMeasures(shared),
    },
  ]
  return { features, authenticate: async () => undefined, tasks }
}
