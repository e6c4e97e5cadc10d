/**
 * Routes of destruction and disclosure: parse, one call, shape.
 * @module
 */
import { DestructionBody, ProvenGrant } from "@nightlight/contract/custodian"
import type { FastifyInstance } from "fastify"
import type { Destructions } from "../destructions/destructions.ts"
import type { Disclosures } from "../disclosures/disclosures.ts"
import { parse } from "./parse.ts"

/** Adds the routes of destruction and disclosure. */
export function addDestructionRoutes(
  app: FastifyInstance,
  { destructions, disclosures }: { readonly destructions: Destructions; readonly disclosures: Disclosures },
): void {
  app.post("/v1/destructions", ({ body }) => destructions.destroy(parse(DestructionBody, body)))

  app.get("/v1/destructions", async () => ({ destructions: destructions.records() }))

  app.post("/v1/disclosures", ({ body }) => disclosures.disclose(parse(ProvenGrant, body)))
}
