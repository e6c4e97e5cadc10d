import {
  EnrolSourceBody,
  OwnSource,
  SourceDocument,
  SourceId,
  SourceList,
  SourceNames,
} from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, personOf } from "../../platform/http/route.ts"
import type { Sources } from "./types.ts"

const Params = z.strictObject({ sourceId: SourceId })

/** Routes under `/v1/sources`, and `/v1/source`: which source a key speaks for. */
export function sourceRoutes(app: FastifyInstance, { sources }: { readonly sources: Sources }): void {
  addRoute(app, {
    method: "POST",
    url: "/v1/sources",
    summary: "Enrol a source by its public key",
    access: { kind: "permission", permission: "source:manage", stepUp: true },
    object: { kind: "none", because: "it makes one" },
    body: EnrolSourceBody,
    reply: SourceDocument,
    status: 201,
    handle: ({ actor, body }) => sources.enrol(personOf(actor), body),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/sources",
    summary: "List sources, oldest first",
    access: { kind: "permission", permission: "source:read" },
    object: { kind: "none", because: "who may see one may see all" },
    reply: SourceList,
    handle: async () => ({ sources: [...(await sources.list())] }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/sources/names",
    summary: "What sources are called, by id: whoever decides on an item knows where it came from",
    access: { kind: "permission", permission: "self:read" },
    object: { kind: "none", because: "names alone" },
    reply: SourceNames,
    handle: async () => ({ sources: (await sources.list()).map(({ source, name }) => ({ source, name })) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sources/:sourceId/revoke",
    summary: "End a source: its keys push nothing from then on",
    access: { kind: "permission", permission: "source:manage", stepUp: true },
    object: { kind: "none", because: "who may manage one may manage all" },
    params: Params,
    reply: SourceDocument,
    handle: ({ actor, params }) => sources.revoke(personOf(actor), params.sourceId),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/source",
    summary: "Say which source the calling key speaks for",
    access: { kind: "permission", permission: "finding:push" },
    object: { kind: "none", because: "a key sees its own source" },
    reply: OwnSource,
    handle: async ({ actor }) => {
      const { id, verifier, namesAccounts } = await sources.ofKey(actor)
      return { source: id, keyId: verifier.keyId, namesAccounts }
    },
  })
}
