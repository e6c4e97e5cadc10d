/**
 * Routes of automatic filing.
 * @module
 */

import { AuthorisationRevocationBody } from "@nightlight/contract/custodian"
import {
  AutomationBody,
  AutomationList,
  AutomationProofBody,
  AutomationTemplate,
  AutomationView,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import type { Automation } from "./service.ts"
import type { StoredAuthorisation } from "./types.ts"

/** Dependencies of {@link automationRoutes}. */
export interface AutomationRouteDeps {
  readonly automation: Automation
}

const Params = z.strictObject({ authorisationId: z.string().max(80) })

/** Registers the routes under `/v1/automation`. Requesting an authorisation needs `report:automate` with a step-up. */
export function automationRoutes(app: FastifyInstance, { automation }: AutomationRouteDeps): void {
  /** The document belongs to those two people. */
  const own: ObjectCheck<z.infer<typeof Params>> = {
    kind: "check",
    allows: async (actor, { authorisationId }) => {
      const found = (await automation.list()).find(
        ({ authorisation }) => authorisation.authorisationId === authorisationId,
      )
      return found !== undefined && [found.authorisation.counsel, found.authorisation.reporter].includes(actor.id)
    },
  }
  const approves = { kind: "permission", permission: "report:approve", stepUp: true } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/automation",
    summary: "Lists filing authorisations.",
    access: { kind: "permission", permission: "report:read" },
    object: { kind: "none", because: "they hold names of lists and people, counts and times" },
    reply: AutomationList,
    handle: async () => ({ authorisations: (await automation.list()).map(toView) }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/automation/template",
    summary: "Reads the text of reports that are filed without a person.",
    access: { kind: "permission", permission: "report:automate" },
    object: { kind: "none", because: "it comes from the configuration" },
    reply: AutomationTemplate,
    handle: async () => ({ template: automation.template() }),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation",
    summary: "Makes a filing authorisation for two people to prove.",
    access: { kind: "permission", permission: "report:automate", stepUp: true },
    object: { kind: "none", because: "this call makes it" },
    body: AutomationBody,
    reply: AutomationView,
    status: 201,
    handle: async ({ actor, body }) => toView(await automation.make(personOf(actor), body)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation/:authorisationId/proof",
    access: approves,
    object: own,
    params: Params,
    summary: "Adds the proof of counsel, which requests the reporter's approval, or of the reporter.",
    body: AutomationProofBody,
    reply: AutomationView,
    handle: async ({ actor, params, body }) =>
      toView(await automation.prove(personOf(actor), params.authorisationId, body.proof)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation/:authorisationId/end",
    object: own,
    params: Params,
    access: { kind: "permission", permission: "report:approve" },
    summary: "Ends a filing authorisation, as one of its two people.",
    body: AuthorisationRevocationBody,
    reply: AutomationView,
    handle: async ({ actor, params, body }) =>
      toView(await automation.end(personOf(actor), params.authorisationId, body)),
  })
}

function toView({
  authorisation,
  proofs,
  state,
  madeAt,
  endedAt,
}: StoredAuthorisation): z.input<typeof AutomationView> {
  return compact({
    authorisation,
    state,
    provenBy: proofs.map(({ person }) => person),
    madeAt: madeAt.toISOString(),
    endedAt: endedAt?.toISOString(),
  })
}
