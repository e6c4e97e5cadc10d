/**
 * The log over HTTP: searched by auditors and counsel, verified, and exported as lines that can be verified elsewhere.
 * @module
 */
import { Readable } from "node:stream"
import { AuditExportQuery, AuditPage, AuditPageQuery, AuditVerificationView } from "@nightlight/contract/server"
import { compact, DependencyError } from "@nightlight/core"
import { readCheckpointKeys } from "@nightlight/vault/audit"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import { checkpointLines, eventLines } from "../../platform/events/export.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute } from "../../platform/http/route.ts"
import type { SigningRule } from "../../staff/approvals/signing.ts"
import { approvalWitnessIfAny } from "../../staff/approvals/verify-proofs.ts"
import { verifyDatabase } from "./verify-database.ts"

/** Dependencies of {@link auditRoutes}. */
export interface AuditRouteDeps extends TransactDeps {
  readonly custodian: Pick<CustodianClient, "state" | "enrolledKeys">
  /** Who must sign approvals. */
  readonly signing: SigningRule
}

/**
 * Registers the routes under `/v1/audit`, for `audit:read`. Searches, verifications and exports are recorded in the
 * log.
 */
export function auditRoutes(app: FastifyInstance, deps: AuditRouteDeps): void {
  const { db, custodian, signing } = deps
  const access = { kind: "permission", permission: "audit:read" } as const
  const object = {
    kind: "none",
    because: "the log holds ids, codes and times alone, and auditors read all of it",
  } as const

  addRoute(app, {
    method: "GET",
    url: "/v1/audit/events",
    summary: "Lists events by number, from either end, filtered by subject, type, actor or time.",
    access,
    object,
    query: AuditPageQuery,
    reply: AuditPage,
    handle: async ({ actor, query }) => {
      const { subject, type, by, since, until, order, fromSeq, limit } = query
      const events = await readEvents(
        db,
        compact({
          order,
          limit: limit + 1,
          fromSeq,
          since: since === undefined ? undefined : new Date(since).toISOString(),
          until: until === undefined ? undefined : new Date(until).toISOString(),
          subject,
          type,
          actor: by,
        }),
      )
      // A search of the log is itself recorded, once a search and not once a page.
      if (fromSeq === undefined || (fromSeq === 1 && order === "oldest")) {
        await transact(deps, actor.id, async ({ record }) => {
          record({ type: "audit.searched", subject: subject ?? "log", data: { code: type } })
        })
      }
      const shown = events.slice(0, limit)
      const next = events[limit]
      return compact({
        events: shown.map(({ seq, at, type: name, actor: who, data }) => ({
          seq,
          at,
          type: name,
          actor: who,
          data: { ...data },
        })),
        nextSeq: next?.seq,
      })
    },
  })

  addRoute(app, {
    method: "POST",
    url: "/v1/audit/verify",
    summary:
      "Verifies the whole log: reports where it first differs from what was appended, and what could not be checked.",
    access,
    object,
    reply: AuditVerificationView,
    handle: async ({ actor, reply }) => {
      const { checkpointKey } = await custodian.state()
      if (checkpointKey === undefined) {
        throw new DependencyError("unavailable", "the custodian has no checkpoint key yet, so nothing was ever signed")
      }
      const stop = new AbortController()
      reply.raw.once("close", () => stop.abort())
      const verifier = readCheckpointKeys(checkpointKey)
      const witness = await approvalWitnessIfAny(custodian)
      const result = await verifyDatabase(db, { verifier, signing, signal: stop.signal, ...compact({ witness }) })
      await transact(deps, actor.id, async ({ record }) => {
        record({ type: "audit.verified", subject: "log", data: { ok: result.ok, events: result.events } })
      })
      const { ok, problem, row, approvals, events, unchangedThroughSeq, unchangedSince, presentThroughSeq } = result
      const { unattested, restarts } = result
      return {
        ok,
        events,
        unchangedThroughSeq,
        presentThroughSeq,
        ...compact({
          unchangedSince,
          restarts: restarts?.map((one) => ({ ...one })),
          problem:
            problem === undefined
              ? undefined
              : { code: problem.code, seq: problem.seq, throughSeq: problem.throughSeq },
        }),
        ...compact({ row, approvals }),
        ...compact({ unattested: unattested === undefined ? undefined : { ...unattested } }),
      }
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/audit/export",
    summary: "Streams the log as lines of JSON, or its signed checkpoints, unchecked: the reader verifies them.",
    access: { ...access, stepUp: true },
    object,
    query: AuditExportQuery,
    reply: z.string().describe("application/x-ndjson"),
    handle: async ({ actor, query: { part }, reply }) => {
      await transact(deps, actor.id, async ({ record }) => {
        record({ type: "audit.exported", subject: "log", data: { part } })
      })
      const pages = part === "events" ? eventLines(db) : checkpointLines(db)
      const name = part === "events" ? "000000000001.ndjson" : "checkpoints.ndjson"
      await reply
        .type("application/x-ndjson")
        .header("content-disposition", `attachment; filename="${name}"`)
        .send(Readable.from(textOf(pages)))
      return ""
    },
  })
}

async function* textOf(pages: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const lines of pages) yield `${lines.join("\n")}\n`
}
