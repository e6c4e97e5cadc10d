/**
 * The features of the service, each made from what it needs.
 * @module
 */
import { createCheckpointJob } from "./events/checkpoint.ts"
import type { Authenticate, Feature } from "./feature.ts"
import { healthRoutes } from "./health/routes.ts"
import { readHealth } from "./health/state.ts"
import { operationMeasures } from "./operations/measures.ts"
import { operationRoutes } from "./operations/routes.ts"
import { createTasks, type Tasks } from "./operations/tasks.ts"
import type { SignIn } from "./sign-in/service.ts"
import type { Shared } from "./wiring/shared.ts"
import { createStaff } from "./wiring/staff.ts"

/** The service's parts. */
export interface Features {
  readonly features: readonly Feature[]
  readonly authenticate: Authenticate
  readonly tasks: Tasks
  readonly signIn: SignIn
}

/** Makes every feature. */
export function createFeatures(shared: Shared): Features {
  const tasks = createTasks(shared)
  const staff = createStaff(shared, async () => false)
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
    staff.feature,
  ]
  return { features, authenticate: staff.authenticate, tasks, signIn: staff.signIn }
}
