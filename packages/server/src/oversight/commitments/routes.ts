/**
 * Routes of the commitments.
 * @module
 */
import { CommitmentList } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"
import type { Commitments } from "./types.ts"

/** The route that says how the commitments stand. */
export function commitmentRoutes(
  app: FastifyInstance,
  { commitments }: { readonly commitments: Pick<Commitments, "statuses"> },
): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/commitments",
    summary:
      "Says how each commitment stands: its newest evidence, or its gap. Counted from the log and from how things are now.",
    access: { kind: "permission", permission: "commitment:read" },
    object: { kind: "none", because: "counts and times of the installation, of nobody" },
    reply: CommitmentList,
    handle: () => commitments.statuses(),
  })
}
