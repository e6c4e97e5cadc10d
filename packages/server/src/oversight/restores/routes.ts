import { RestoreConfirmBody, RestoreReconciled, RestoreState } from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Reconciled } from "../operations/reconcile.ts"
import type { OpenRestore } from "./open-restore.ts"
import type { Suspended } from "./suspended.ts"

/** Dependencies of {@link restoreRoutes}. */
export interface RestoreRoutesDeps {
  readonly open: () => Promise<OpenRestore | undefined>
  readonly suspended: Suspended
  readonly reconcile: () => Promise<Reconciled>
}

/** Registers `/v1/operations/restore`. Confirming suspended keys needs `key:manage` and a step-up. */
export function restoreRoutes(app: FastifyInstance, { open, suspended, reconcile }: RestoreRoutesDeps): void {
  const state = async (): Promise<RestoreState> => {
    const restore = await open()
    if (restore === undefined) return { open: false }
    const { backupId, restoredAt } = restore
    return {
      open: true,
      backup: backupId,
      restoredAt: restoredAt.toISOString(),
      suspended: [...(await suspended.waiting())],
    }
  }
  addRoute(app, {
    method: "GET",
    url: "/v1/operations/restore",
    summary:
      "Reads whether the database was restored and not yet reconciled, and which keys and sources are suspended.",
    access: { kind: "permission", permission: "operations:manage" },
    object: { kind: "none", because: "it belongs to the installation" },
    reply: RestoreState,
    handle: state,
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/operations/restore/confirm",
    summary: "Confirms a key or a source that a restore suspended, so that it works again.",
    access: { kind: "permission", permission: "key:manage", stepUp: true },
    object: { kind: "none", because: "keys and sources belong to the installation" },
    body: RestoreConfirmBody,
    reply: RestoreState,
    handle: async ({ actor, body }) => {
      await suspended.confirm(personOf(actor), body.id)
      return state()
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/operations/restore/reconcile",
    summary:
      "Compares with the custodian's journal and repeats what it remembers; closes the restore if no work is left.",
    access: { kind: "permission", permission: "operations:manage" },
    object: { kind: "none", because: "it belongs to the installation" },
    reply: RestoreReconciled,
    handle: async () => {
      const { suspended: waiting, ...result } = await reconcile()
      return { ...result, suspended: [...waiting] }
    },
  })
}
