/**
 * Routes of the commitments.
 * @module
 */
import { CommitmentList } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute } from "../../platform/http/route.ts"
import type { Commitments } from "./types.ts"

/** Registers `GET /v1/commitments`, for `commitment:read`. */
export function commitmentRoutes(
  app: FastifyInstance,
  { commitments }: { readonly commitments: Pick<Commitments, "statuses"> },
): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/commitments",
    summary:
      "Reads the status of each commitment: its newest evidence, or its gap. Counted from the log and from present conditions.",
    access: { kind: "permission", permission: "commitment:read" },
    object: { kind: "none", because: "it shows counts and times of the installation and names nobody" },
    reply: CommitmentList,
    handle: () => commitments.statuses(),
  })
}
