import {
  HuntNameText,
  PurgeNameText,
  PushedFollowUpAnswer,
  PushedHunt,
  PushedPurge,
  PushedScan,
  PushedScanAnswer,
  ScanDetail,
  ScanIdText,
  ScanList,
  ScanListQuery,
  ScanNameText,
} from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRoute } from "../../platform/http/route.ts"
import type { Scans } from "./types.ts"

const MAX_REPORT_BYTES = 1024 * 1024
const NamedByItsSource = z.strictObject({ scan: ScanNameText })
const Params = z.strictObject({ scan: ScanIdText })

/** Routes under `/v1/scans`, `/v1/hunts` and `/v1/purges`. */
export function scanRoutes(app: FastifyInstance, { scans }: { readonly scans: Scans }): void {
  const read = { kind: "permission", permission: "scan:read" } as const
  const object = { kind: "none", because: "reports hold counts, codes and names of lists alone" } as const

  const push = { kind: "permission", permission: "finding:push" } as const
  const signed = { kind: "none", because: "the document is signed for the source that the key is bound to" } as const

  addRoute(app, {
    method: "PUT",
    url: "/v1/scans/:scan",
    summary:
      "Receives the report of a scan of the calling source, under the source's own name of it: one signed document",
    access: push,
    object: signed,
    params: NamedByItsSource,
    body: PushedScan,
    bodyLimitBytes: MAX_REPORT_BYTES,
    reply: PushedScanAnswer,
    handle: ({ actor, params, body }) => scans.receive(actor, params.scan, body),
  })
  addRoute(app, {
    method: "PUT",
    url: "/v1/hunts/:hunt",
    summary:
      "Receives the report of a hunt of the calling source, under the source's own name of it: one signed document",
    access: push,
    object: signed,
    params: z.strictObject({ hunt: HuntNameText }),
    body: PushedHunt,
    bodyLimitBytes: MAX_REPORT_BYTES,
    reply: PushedFollowUpAnswer,
    handle: ({ actor, params, body }) => scans.receiveHunt(actor, params.hunt, body),
  })
  addRoute(app, {
    method: "PUT",
    url: "/v1/purges/:purge",
    summary:
      "Receives the receipt of a purge of the calling source, under the source's own name of it: one signed document",
    access: push,
    object: signed,
    params: z.strictObject({ purge: PurgeNameText }),
    body: PushedPurge,
    bodyLimitBytes: MAX_REPORT_BYTES,
    reply: PushedFollowUpAnswer,
    handle: ({ actor, params, body }) => scans.receivePurge(actor, params.purge, body),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/scans",
    summary: "Lists the scans of sources, last finished first",
    access: read,
    object,
    query: ScanListQuery,
    reply: ScanList,
    handle: ({ actor, query }) => scans.list(actor, query),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/scans/:scan",
    summary: "Reads a scan's whole report, and the state of its findings",
    access: read,
    object,
    params: Params,
    reply: ScanDetail,
    handle: async ({ actor, params }) => {
      const scan = await scans.get(actor, params.scan)
      if (scan === undefined) throw new RequestError("not_found", "there is no such scan")
      return scan
    },
  })
}
