/**
 * Routes that read cases.
 * @module
 */

import {
  CaseCounts,
  CaseDetail,
  CaseHistory,
  CaseIdText,
  CaseList,
  CaseListQuery,
  ContextQuery,
  ItemContext,
  ItemIdText,
  ItemList,
  ItemListQuery,
  NearItemsView,
  SiblingCases,
} from "@nightlight/contract/server"
import { compact, DAY_MS, RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { Kysely } from "kysely"
import { z } from "zod"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { caseExists, caseIsOpenTo } from "./access.ts"
import { type ClaimRoutesDeps, claimRoutes } from "./claims/routes.ts"
import { parseCursor, toCursor } from "./queue/cursor.ts"
import type { CasesService } from "./service.ts"
import type { CaseHead } from "./state/head.ts"
import { toContextView, toDetail, toHistory, toItemView, toSummary } from "./views.ts"

const Params = z.strictObject({ caseId: CaseIdText })
const ItemParams = z.strictObject({ caseId: CaseIdText, itemId: ItemIdText })

/** Dependencies of {@link caseRoutes}. */
export interface CaseRoutesDeps extends ClaimRoutesDeps {
  readonly db: Kysely<Tables>
}

/**
 * Registers the routes under `/v1/cases`. Metadata needs `case:read`; contexts need `case:context` and are recorded.
 */
export function caseRoutes(app: FastifyInstance, deps: CaseRoutesDeps): void {
  const { cases, db, clock } = deps
  const read = { kind: "permission", permission: "case:read" } as const
  const context = { kind: "permission", permission: "case:context" } as const
  const exists = caseExists(cases)
  const openToCaller = caseIsOpenTo(cases, () => clock.now())
  const headOf = async (caseId: string): Promise<CaseHead> => {
    const head = await cases.get(caseId)
    if (head === undefined) throw new RequestError("not_found", "there is no such case", { details: { caseId } })
    return head
  }
  const everyCase = { kind: "none", because: "everybody who may read cases may read the metadata of any case" } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/cases",
    summary: "Lists cases, the first to work on first.",
    access: read,
    object: everyCase,
    query: CaseListQuery,
    reply: CaseList,
    handle: async ({ actor, query }) => {
      const now = clock.now()
      const after = query.cursor === undefined ? undefined : parseCursor(query.cursor)
      const page = await cases.list(toQueueFilter(query, actor.id, now), { after, limit: query.limit })
      return compact({
        cases: page.heads.map((head) => toSummary(head, now)),
        cursor: page.next === undefined ? undefined : toCursor(page.next),
      })
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/counts",
    summary: "Counts cases by state, and overdue ones.",
    access: read,
    object: everyCase,
    reply: CaseCounts,
    handle: async ({ actor }) => {
      const { nextDueAt, ...counts } = await cases.counts(actor.id)
      return { ...counts, ...compact({ nextDueAt: nextDueAt?.toISOString() }) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId",
    summary: "Shows a case's metadata.",
    access: read,
    object: exists,
    params: Params,
    reply: CaseDetail,
    handle: async ({ actor, params }) => {
      const detail = toDetail(await headOf(params.caseId), actor.id, clock.now())
      const foundAt = await cases.foundAt(params.caseId)
      return { ...detail, ...compact({ foundAt: foundAt?.toISOString() }) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/items",
    summary: "Lists a case's items in order of attachment, with their matches but without content.",
    access: read,
    object: exists,
    params: Params,
    query: ItemListQuery,
    reply: ItemList,
    handle: async ({ params, query }) => ({ items: (await cases.items(params.caseId, query)).map(toItemView) }),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/history",
    summary: "Lists what was done with a case, by whom and when.",
    access: read,
    object: exists,
    params: Params,
    reply: CaseHistory,
    handle: async ({ actor, params }) =>
      toHistory(await headOf(params.caseId), await readEvents(db, { subject: params.caseId }), actor.id),
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/siblings",
    summary: "Lists other cases of the same account, or of the same dataset and host, newest first.",
    access: read,
    object: exists,
    params: Params,
    reply: SiblingCases,
    handle: async ({ params }) => {
      const now = clock.now()
      const siblings = await cases.siblings(await headOf(params.caseId))
      return { cases: siblings.map((head) => toSummary(head, now)) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/near",
    summary: "Lists which items look alike, for the order in which to review them.",
    access: context,
    object: openToCaller,
    params: Params,
    reply: NearItemsView,
    handle: async ({ params }) => {
      const { order, near } = await cases.contexts.near(params.caseId)
      return { order: [...order], near: near.map(({ itemId, alike }) => ({ itemId, alike: [...alike] })) }
    },
  })

  addRoute(app, {
    method: "GET",
    url: "/v1/cases/:caseId/items/:itemId/context",
    summary: "Opens the sealed context of an item's places. The reading is recorded.",
    access: context,
    object: openToCaller,
    params: ItemParams,
    query: ContextQuery,
    reply: ItemContext,
    handle: async ({ actor, params, query }) => {
      if ((await cases.item(params.caseId, params.itemId)) === undefined) {
        throw new RequestError("not_found", "there is no such item in this case")
      }
      return toContextView(await cases.contexts.read(personOf(actor), params.caseId, params.itemId, pageAfter(query)))
    },
  })

  claimRoutes(app, deps)
}

function pageAfter({ after }: z.output<typeof ContextQuery>): { readonly after?: number } {
  return after === undefined ? {} : { after: after - 1 }
}

/** The filter that a list's query names, for one caller at one time. */
function toQueueFilter(
  query: z.output<typeof CaseListQuery>,
  caller: string,
  now: Date,
): Parameters<CasesService["list"]>[0] {
  const { state, kind, band, assignee, list, due } = query
  return compact({
    state,
    kind,
    band,
    assignee: assignee === undefined ? undefined : assignee === "me" ? caller : assignee,
    list,
    dueBefore: due === undefined ? undefined : due === "overdue" ? now : new Date(now.getTime() + DAY_MS),
  })
}
