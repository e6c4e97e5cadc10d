/**
 * Routes of services' keys.
 * @module
 */

import { KeyBody, KeyList, KeyRotation, type KeyView, MadeKey } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Keys } from "./service.ts"
import type { ServiceKey } from "./types.ts"

const KeyParams = z.strictObject({ keyId: z.string().max(80) })

/** Registers the routes under `/v1/keys`, for `key:manage`. */
export function keyRoutes(app: FastifyInstance, { keys }: { readonly keys: Keys }): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/keys",
    summary: "Lists the keys of services, newest first, ended ones included",
    access: { kind: "permission", permission: "key:manage" },
    object: { kind: "none", because: "keys belong to the installation" },
    reply: KeyList,
    handle: async () => ({ keys: (await keys.list()).map(toView) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/keys",
    summary: "Makes a key; only this answer shows its token",
    access: { kind: "permission", permission: "key:manage", stepUp: true },
    object: { kind: "none", because: "the key does not exist yet" },
    body: KeyBody,
    reply: MadeKey,
    status: 201,
    handle: async ({ actor, body }) => {
      const { key, token } = await keys.make(personOf(actor), body)
      return { key: toView(key), token }
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/keys/:keyId/rotate",
    summary: "Makes a key that replaces another one; only this answer shows its token",
    access: { kind: "permission", permission: "key:manage", stepUp: true },
    object: { kind: "none", because: "keys belong to the installation" },
    params: KeyParams,
    body: KeyRotation,
    reply: MadeKey,
    status: 201,
    handle: async ({ actor, params, body }) => {
      const { key, token } = await keys.rotate(personOf(actor), params.keyId, body)
      return { key: toView(key), token }
    },
  })
  addRoute(app, {
    method: "DELETE",
    url: "/v1/keys/:keyId",
    summary: "Revokes a key, everywhere at once",
    access: { kind: "permission", permission: "key:manage" },
    object: { kind: "none", because: "keys belong to the installation" },
    params: KeyParams,
    reply: z.strictObject({}),
    handle: async ({ actor, params }) => {
      await keys.revoke(personOf(actor), params.keyId)
      return {}
    },
  })
}

function toView(key: ServiceKey): KeyView {
  return {
    id: key.id,
    name: key.name,
    scopes: [...key.scopes],
    callsPerMinute: key.callsPerMinute,
    madeBy: key.madeBy,
    madeAt: key.madeAt.toISOString(),
    expiresAt: key.expiresAt.toISOString(),
    ...compact({
      source: key.source,
      revokedAt: key.revokedAt?.toISOString(),
      usedAt: key.usedAt?.toISOString(),
      replacedBy: key.replacedBy,
      overlapEndsAt: key.overlapEndsAt?.toISOString(),
    }),
  }
}
