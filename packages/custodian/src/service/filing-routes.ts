/**
 * Routes of filings: parse, one call, shape.
 * @module
 */
import {
  FilingAbandonBody,
  FilingAttemptBody,
  FilingDescribeBody,
  FilingOpenBody,
  FilingUploadBody,
  OpaqueId,
  ProvenStanding,
  StandingRevocationBody,
} from "@nightlight/contract/custodian"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { Filings } from "../filings/filings.ts"
import type { Standings } from "../standings/standings.ts"
import { parse } from "./parse.ts"

const GrantParams = z.object({ grantId: OpaqueId })
const FileParams = z.object({ grantId: OpaqueId, evidenceId: OpaqueId })
const SinceQuery = z.object({ since: z.coerce.number().int().nonnegative().default(0) })

/** Adds the routes. */
export function addFilingRoutes(
  app: FastifyInstance,
  { filings, standings }: { readonly filings: Filings; readonly standings: Standings },
): void {
  app.post("/v1/standings", ({ body }) => standings.grant(parse(ProvenStanding, body)))

  app.post("/v1/standings/revoke", ({ body }) => standings.revoke(parse(StandingRevocationBody, body)))

  app.get("/v1/standings", async () => ({ standings: standings.list() }))

  app.post("/v1/filings/open", ({ body }) => filings.open(parse(FilingOpenBody, body)))

  app.post("/v1/filings/:grantId/files/:evidenceId", ({ params, body }) =>
    filings.upload({ ...parse(FileParams, params), ...parse(FilingUploadBody, body) }),
  )

  app.post("/v1/filings/:grantId/files/:evidenceId/details", ({ params, body }) => {
    const { attempt, ...given } = parse(FilingDescribeBody, body)
    return filings.describe({ ...parse(FileParams, params), attempt }, given)
  })

  app.post("/v1/filings/:grantId/finish", ({ params, body }) =>
    filings.finish({ ...parse(GrantParams, params), ...parse(FilingAttemptBody, body) }),
  )

  app.post("/v1/filings/:grantId/retract", ({ params, body }) =>
    filings.retract({ ...parse(GrantParams, params), ...parse(FilingAttemptBody, body) }),
  )

  app.post("/v1/filings/:grantId/abandon", async ({ params, body }, reply) => {
    await filings.abandon({ ...parse(GrantParams, params), ...parse(FilingAbandonBody, body) })
    reply.code(204)
  })

  app.get("/v1/filings/:grantId", async ({ params }) => filings.journal(parse(GrantParams, params).grantId))

  app.get("/v1/filings", async ({ query }) => filings.journals(parse(SinceQuery, query).since))
}
