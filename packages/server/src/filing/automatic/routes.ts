/**
 * Routes of filing by policy.
 * @module
 */

import { StandingRevocationBody } from "@nightlight/contract/custodian"
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
import type { StoredStanding } from "./types.ts"

/** What the routes work with. */
export interface AutomationRouteDeps {
  readonly automation: Automation
}

const Params = z.strictObject({ standingId: z.string().max(80) })

/** Registers the routes. */
export function automationRoutes(app: FastifyInstance, { automation }: AutomationRouteDeps): void {
  /** The document is those two people's. */
  const own: ObjectCheck<z.infer<typeof Params>> = {
    kind: "check",
    allows: async (actor, { standingId }) => {
      const found = (await automation.list()).find(({ standing }) => standing.standingId === standingId)
      return found !== undefined && [found.standing.counsel, found.standing.reporter].includes(actor.id)
    },
  }
  const approves = { kind: "permission", permission: "report:approve", stepUp: true } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/automation",
    summary: "Standing authorisations to file without a person.",
    access: { kind: "permission", permission: "report:read" },
    object: { kind: "none", because: "they hold names of lists and people, counts and times" },
    reply: AutomationList,
    handle: async () => ({ standings: (await automation.list()).map(toView) }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/automation/template",
    summary: "What reports would say that are filed without a person.",
    access: { kind: "permission", permission: "report:automate" },
    object: { kind: "none", because: "it is the configuration's" },
    reply: AutomationTemplate,
    handle: async () => ({ template: automation.template() }),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation",
    summary: "Makes a standing authorisation for two people to prove.",
    access: { kind: "permission", permission: "report:automate", stepUp: true },
    object: { kind: "none", because: "it is made here" },
    body: AutomationBody,
    reply: AutomationView,
    status: 201,
    handle: async ({ actor, body }) => toView(await automation.make(personOf(actor), body)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation/:standingId/proof",
    access: approves,
    object: own,
    params: Params,
    summary: "Takes the proof of counsel, which asks the reporter to approve it, or of the reporter.",
    body: AutomationProofBody,
    reply: AutomationView,
    handle: async ({ actor, params, body }) =>
      toView(await automation.prove(personOf(actor), params.standingId, body.proof)),
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/automation/:standingId/end",
    object: own,
    params: Params,
    access: { kind: "permission", permission: "report:approve" },
    summary: "Ends a standing authorisation, by either of its two people.",
    body: StandingRevocationBody,
    reply: AutomationView,
    handle: async ({ actor, params, body }) => toView(await automation.end(personOf(actor), params.standingId, body)),
  })
}

function toView({ standing, proofs, state, madeAt, endedAt }: StoredStanding): z.input<typeof AutomationView> {
  return compact({
    standing,
    state,
    provenBy: proofs.map(({ person }) => person),
    madeAt: madeAt.toISOString(),
    endedAt: endedAt?.toISOString(),
  })
}
