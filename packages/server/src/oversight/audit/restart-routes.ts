/**
 * Restarts of checkpoints over HTTP: the state of log and custodian, and the document that counsel signs.
 * @module
 */

import { CheckpointRestartBody, CheckpointRestartTaken, CheckpointsView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { TransactDeps } from "../../platform/events/transact.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { readLogState, storeRestart } from "./restarts.ts"

/** Dependencies of {@link restartRoutes}. */
export interface RestartRouteDeps extends TransactDeps {
  readonly custodian: Pick<CustodianClient, "checkpointHead">
}

/** Registers the routes by which counsel signs that checkpoints restart (`audit:restart`). */
export function restartRoutes(app: FastifyInstance, deps: RestartRouteDeps): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/audit/checkpoints",
    summary: "Reads how far the custodian signed the log, and whether the log has the event that it signed last.",
    access: { kind: "permission", permission: "audit:read" },
    object: { kind: "none", because: "it shows numbers and hashes of events" },
    reply: CheckpointsView,
    handle: async () => {
      const { signed, restarts, newest, agrees } = await readLogState(deps.db, deps.custodian)
      return compact({
        signed: { ...signed },
        restarts,
        newest: newest === undefined ? undefined : { ...newest },
        state: agrees ? ("agree" as const) : ("differ" as const),
      })
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/audit/checkpoint-restarts",
    summary: "Stores a restart of checkpoints that counsel signed, for the host's command to pass to the custodian.",
    access: { kind: "permission", permission: "audit:restart", stepUp: true },
    object: { kind: "none", because: "this call makes it" },
    body: CheckpointRestartBody,
    reply: CheckpointRestartTaken,
    status: 201,
    handle: async ({ actor, body }) => {
      await storeRestart(deps, personOf(actor), body)
      return { restartId: body.restart.restartId, expiresAt: body.restart.expiresAt }
    },
  })
}
