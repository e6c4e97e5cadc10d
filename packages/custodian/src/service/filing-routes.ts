/**
 * Routes of filings: parse, one call, shape.
 * @module
 */
import {
  AuthorisationRevocationBody,
  FilingAbandonBody,
  FilingAttemptBody,
  FilingDescribeBody,
  FilingOpenBody,
  FilingUploadBody,
  OpaqueId,
  ProvenAuthorisation,
} from "@nightlight/contract/custodian"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { FilingAuthorisations } from "../filing-authorisations/authorisations.ts"
import type { Filings } from "../filings/filings.ts"
import { parse } from "./parse.ts"

const GrantParams = z.object({ grantId: OpaqueId })
const FileParams = z.object({ grantId: OpaqueId, evidenceId: OpaqueId })
const SinceQuery = z.object({ since: z.coerce.number().int().nonnegative().default(0) })

/** Adds the routes of filings. */
export function addFilingRoutes(
  app: FastifyInstance,
  { filings, authorisations }: { readonly filings: Filings; readonly authorisations: FilingAuthorisations },
): void {
  app.post("/v1/filing-authorisations", ({ body }) => authorisations.grant(parse(ProvenAuthorisation, body)))

  app.post("/v1/filing-authorisations/revoke", ({ body }) =>
    authorisations.revoke(parse(AuthorisationRevocationBody, body)),
  )

  app.get("/v1/filing-authorisations", async () => ({ authorisations: authorisations.list() }))

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
