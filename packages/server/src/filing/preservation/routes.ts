/**
 * Routes of preservation: evidence and its cases here, holds, destruction and the clock in files of their own.
 * @module
 */
import {
  CaseCustody,
  CasePreservation,
  CustodyQuery,
  Done,
  ExtendBody,
  PreservationList,
  PreservationQuery,
  PreservationView,
} from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute, needs, personOf } from "../../platform/http/route.ts"
import { CaseParams, caseCheck } from "./case-access.ts"
import type { ClockGuard } from "./clock-guard.ts"
import { clockRoutes } from "./clock-routes.ts"
import { readCustody } from "./custody.ts"
import { type DestructionRouteDeps, destructionRoutes } from "./destruction-routes.ts"
import { holdRoutes } from "./hold-routes.ts"
import type { PreservationService } from "./service.ts"
import { toHoldView, toView } from "./views.ts"

const DONE = { done: true } as const

/** Dependencies of {@link preservationRoutes}. */
export interface PreservationRouteDeps extends DestructionRouteDeps {
  readonly preservation: PreservationService
  readonly guard: ClockGuard
  /** Ids of a case's pieces of evidence and reports. */
  readonly partsOf: (caseId: string) => Promise<readonly string[]>
}

/** Registers the routes of preservations, holds, destruction and the clock guard. */
export function preservationRoutes(app: FastifyInstance, deps: PreservationRouteDeps): void {
  const { preservation } = deps
  const caseExists = caseCheck(deps)

  addRoute(app, {
    method: "GET",
    url: "/v1/preservations",
    summary: "Lists preserved evidence, by id.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "it shows ids, states and dates alone" },
    query: PreservationQuery,
    reply: PreservationList,
    handle: async ({ query: { state, after, limit } }) => {
      const found = await preservation.list({ state, after, limit: limit + 1 })
      const shown = found.slice(0, limit)
      const last = shown.at(-1)
      const held = await preservation.casesOnHold(shown.map(({ caseId }) => caseId))
      return compact({
        evidence: shown.map((item) => toView(item, held.has(item.caseId))),
        next: found.length > limit && last !== undefined ? last.evidenceId : undefined,
      })
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/preservations/:evidenceId",
    summary: "Reads the preservation of one piece of evidence.",
    access: needs("preservation:read"),
    object: { kind: "none", because: "it shows an id, a state and dates alone" },
    params: z.strictObject({ evidenceId: z.string().max(80) }),
    reply: PreservationView,
    handle: async ({ params }) => {
      const item = await preservation.find(params.evidenceId)
      if (item === undefined) throw new RequestError("not_found", "no preservation is recorded for this evidence")
      return toView(item, (await preservation.casesOnHold([item.caseId])).has(item.caseId))
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/custody",
    summary:
      "Lists what of a case arrived and was opened, filed, held, disclosed and destroyed, and by whom, without decisions.",
    access: needs("preservation:read"),
    object: caseExists,
    params: CaseParams,
    query: CustodyQuery,
    reply: CaseCustody,
    handle: async ({ params: { caseId }, query: { fromSeq = 1, limit } }) => {
      const subjects = [caseId, ...(await deps.partsOf(caseId))]
      const events = await readCustody(deps.db, subjects, { fromSeq, limit: limit + 1 })
      const next = events[limit]
      return compact({
        events: events
          .slice(0, limit)
          .map(({ seq, at, type, actor, data }) => ({ seq, at, type, actor, data: { ...data } })),
        nextSeq: next?.seq,
      })
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/preservation",
    summary: "Reads what keeps a case's evidence, and until when.",
    access: needs("preservation:read"),
    object: caseExists,
    params: CaseParams,
    reply: CasePreservation,
    handle: async ({ params }) => {
      const { evidence, holds } = await preservation.ofCase(params.caseId)
      const held = (await preservation.casesOnHold([params.caseId])).has(params.caseId)
      return { evidence: evidence.map((item) => toView(item, held)), holds: holds.map(toHoldView) }
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/cases/:caseId/preservation/extend",
    summary: "Extends the preservation of evidence beyond its year.",
    access: needs("preservation:hold"),
    object: caseExists,
    params: CaseParams,
    body: ExtendBody,
    reply: Done,
    handle: async ({ actor, params, body }) => {
      await preservation.extend(personOf(actor), params.caseId, new Date(body.until))
      return DONE
    },
  })

  holdRoutes(app, deps)
  destructionRoutes(app, deps)
  clockRoutes(app, deps)
}
