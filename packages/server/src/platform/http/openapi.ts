/**
 * The API's own description: OpenAPI 3.1, made from the routes' schemas.
 * @module
 */
import fastifySwagger from "@fastify/swagger"
import type { FastifyInstance } from "fastify"
import { jsonSchemaTransform } from "fastify-type-provider-zod"
import { z } from "zod"
import { VERSION } from "../version.ts"
import { addRoute, type RegisteredRoute } from "./route.ts"

/** Prepares the description; must come before the routes. */
export async function addOpenApi(app: FastifyInstance): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Nightlight",
        version: VERSION,
        description:
          "Cases, review, reports and preservation. Errors are problem documents (RFC 9457) whose `type` is a code of docs/reference/errors.md.",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          session: { type: "apiKey", in: "cookie", name: "__Host-nightlight" },
          key: { type: "http", scheme: "bearer" },
        },
      },
    },
    transform: (input) => {
      const { schema, url } = jsonSchemaTransform(input)
      return { schema: { ...schema, ...accessOf(app, input.url, input.route.method) }, url }
    },
  })
}

/** The description of an application with all its routes, as plain JSON. */
export function openApiDocument(app: FastifyInstance): { readonly openapi: string } {
  return JSON.parse(JSON.stringify(app.swagger())) as { readonly openapi: string }
}

/** Serves the description. */
export function openApiRoutes(app: FastifyInstance): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/openapi.json",
    summary: "This description.",
    access: { kind: "public", because: "it is published with the source" },
    object: { kind: "none", because: "it is the same for everybody" },
    reply: z.looseObject({ openapi: z.string() }),
    handle: async () => openApiDocument(app),
  })
}

/** A route's permission in the description. */
function accessOf(app: FastifyInstance, url: string, method: string | string[]): Record<string, unknown> {
  const methods = [method].flat()
  const route = app.nightlightRoutes.find((known) => known.url === url && methods.includes(known.method))
  if (route === undefined) return { hide: true }
  return { security: securityOf(route), description: wordsOf(route) }
}

function securityOf({ access }: RegisteredRoute): readonly Record<string, readonly string[]>[] {
  return access.kind === "public" ? [] : [{ session: [] }, { key: [] }]
}

function wordsOf({ access }: RegisteredRoute): string {
  if (access.kind === "public") return `Open to anybody: ${access.because}.`
  return `Needs \`${access.permission}\`${access.stepUp === true ? ", with a step-up within 10 minutes" : ""}.`
}
