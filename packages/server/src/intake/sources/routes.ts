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

/** Routes under `/v1/sources`, and `/v1/source`: the source of the calling key. */
export function sourceRoutes(app: FastifyInstance, { sources }: { readonly sources: Sources }): void {
  addRoute(app, {
    method: "POST",
    url: "/v1/sources",
    summary: "Enrols a source by its public key",
    access: { kind: "permission", permission: "source:manage", stepUp: true },
    object: { kind: "none", because: "this call makes it" },
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
    object: { kind: "none", because: "everybody with the permission may see all sources" },
    reply: SourceList,
    handle: async () => ({ sources: [...(await sources.list())] }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/sources/names",
    summary: "Lists the names of sources by id, so that reviewers know where an item came from",
    access: { kind: "permission", permission: "self:read" },
    object: { kind: "none", because: "names alone" },
    reply: SourceNames,
    handle: async () => ({ sources: (await sources.list()).map(({ source, name }) => ({ source, name })) }),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/sources/:sourceId/revoke",
    summary: "Ends a source: its keys can no longer push",
    access: { kind: "permission", permission: "source:manage", stepUp: true },
    object: { kind: "none", because: "everybody with the permission may manage all sources" },
    params: Params,
    reply: SourceDocument,
    handle: ({ actor, params }) => sources.revoke(personOf(actor), params.sourceId),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/source",
    summary: "Reads the source of the calling key",
    access: { kind: "permission", permission: "finding:push" },
    object: { kind: "none", because: "a key can only access its own source" },
    reply: OwnSource,
    handle: async ({ actor }) => {
      const { id, verifier, namesAccounts } = await sources.ofKey(actor)
      return { source: id, keyId: verifier.keyId, namesAccounts }
    },
  })
}
