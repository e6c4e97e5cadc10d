/**
 * What people see of everything at once: the commitments, their home screen, insights.
 * @module
 */
import { commitmentRoutes } from "../commitments/routes.ts"
import { createCommitments } from "../commitments/service.ts"
import type { Feature } from "../feature.ts"
import type { Shared } from "./shared.ts"

/** Makes the features. */
export function createOverview(shared: Shared): readonly Feature[] {
  const commitments = createCommitments(shared)
  return [{ name: "commitments", routes: (app) => commitmentRoutes(app, { commitments }) }]
}
