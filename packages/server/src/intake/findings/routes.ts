import { Sha256Hex } from "@nightlight/contract"
import {
  EvidenceAnswer,
  IntakeCounts,
  IntakeList,
  IntakeQuery,
  PushAnswer,
  ReceivedFindings,
  ReceivedQuery,
} from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { addRawBodies, rawBody } from "../../platform/http/raw-bodies.ts"
import { addRoute } from "../../platform/http/route.ts"
import type { Intake } from "./types.ts"

const EvidenceParams = z.strictObject({ evidenceId: Sha256Hex })

/** Routes by which sources push findings, and by which operators see their state. */
export function intakeRoutes(app: FastifyInstance, { intake }: { readonly intake: Intake }): void {
  addRawBodies(app)
  const push = { kind: "permission", permission: "finding:push" } as const
  addRoute(app, {
    method: "POST",
    url: "/v1/findings",
    summary: "Receives findings, one signed document a line (application/x-ndjson)",
    access: push,
    object: { kind: "none", because: "each line is signed for the source that the key is bound to" },
    streams: true,
    reply: PushAnswer,
    handle: ({ actor, request, open }) =>
      intake.push(actor, open.pieces(rawBody(request.body)), () => open.assertAllowed()),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/findings/received",
    summary: "Lists the findings received of one scan of the calling source, and the evidence still missing",
    access: push,
    object: { kind: "none", because: "a key can only access its own source" },
    query: ReceivedQuery,
    reply: ReceivedFindings,
    handle: ({ actor, query }) => intake.received(actor, query),
  })
  addRoute(app, {
    method: "PUT",
    url: "/v1/evidence/:evidenceId",
    summary: "Receives one sealed file (application/octet-stream)",
    access: push,
    object: { kind: "check", allows: (actor, { evidenceId }) => intake.mayReceive(actor, evidenceId) },
    params: EvidenceParams,
    streams: true,
    reply: EvidenceAnswer,
    handle: ({ actor, params, request, open }) => {
      const body = rawBody(request.body)
      // The rest of a body continues where the last reader stopped.
      const pieces = { [Symbol.asyncIterator]: () => open.pieces(body)[Symbol.asyncIterator]() }
      return intake.receiveEvidence(actor, params.evidenceId, pieces, () => open.assertAllowed())
    },
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/intake",
    summary: "Counts received findings by source, state and code",
    access: { kind: "permission", permission: "source:read" },
    object: { kind: "none", because: "counts alone" },
    reply: IntakeCounts,
    handle: () => intake.counts(),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/intake/findings",
    summary: "Lists received findings in one state: ids and codes",
    access: { kind: "permission", permission: "source:read" },
    object: { kind: "none", because: "it shows ids and codes alone" },
    query: IntakeQuery,
    reply: IntakeList,
    handle: ({ query }) => intake.list(query),
  })
}
