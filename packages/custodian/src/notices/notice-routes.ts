/**
 * Routes of notices: parse, one call, shape.
 * @module
 */
import { NoticesBody, NoticesKnownBody } from "@nightlight/contract/custodian"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { parse } from "../service/parse.ts"
import type { NoticeStore } from "./notices.ts"

const Position = z.coerce.number().int().nonnegative().default(0)
const NoticesQuery = z.object({ after: Position, from: Position })

/** Adds the routes of notices. */
export function addNoticeRoutes(app: FastifyInstance, { notices }: { readonly notices: NoticeStore }): void {
  app.post("/v1/notices", async ({ body }) => ({ accepted: await notices.take(parse(NoticesBody, body).lines) }))

  app.get("/v1/notices", async ({ query }) => notices.list(parse(NoticesQuery, query)))

  app.post("/v1/notices/known", async ({ body }) => ({
    unknown: notices.unknown(parse(NoticesKnownBody, body).hashes),
  }))
}
