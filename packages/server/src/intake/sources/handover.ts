/**
 * Replaces a source's key: the source's own call, signed by both keys.
 * @module
 */

import {
  SOURCE_HANDOVER,
  SourceHandoverBody,
  SourceHandoverTaken,
  type SourceHandoverTaken as Taken,
} from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import { checkHandover } from "@nightlight/vault/seal"
import type { FastifyInstance } from "fastify"
import type { Actor } from "../../platform/auth/actor.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute } from "../../platform/http/route.ts"
import type { Alarms } from "../../staff/alarms/service.ts"
import type { LiveSource, Sources } from "./types.ts"

/** Dependencies of {@link acceptHandover}. */
export interface HandoverDeps extends TransactDeps {
  readonly sources: Pick<Sources, "ofKey" | "handOver">
  readonly alarms: Pick<Alarms, "raiseNow">
}

/** Registers `POST /v1/source/handover`, for a source's own key (`finding:push`). */
export function handoverRoutes(app: FastifyInstance, deps: HandoverDeps): void {
  addRoute(app, {
    method: "POST",
    url: "/v1/source/handover",
    summary: "Replaces the calling source's key: a document that both keys signed",
    access: { kind: "permission", permission: "finding:push" },
    object: { kind: "none", because: "a key acts for its own source, and the source's own key signs" },
    body: SourceHandoverBody,
    reply: SourceHandoverTaken,
    handle: ({ actor, body }) => acceptHandover(deps, actor, body),
  })
}

/**
 * Accepts a handover. From then on nothing is accepted that the old key signs.
 *
 * @throws {RequestError} `forbidden` if the caller has no live source; `input_invalid` with `details.reason`:
 *   `signature-wrong`, `key-replaced`, `other-source`; `state_conflict` if the new key is or was a source's own.
 */
export async function acceptHandover(deps: HandoverDeps, actor: Actor, body: SourceHandoverBody): Promise<Taken> {
  const { sources, alarms } = deps
  const own = await sources.ofKey(actor)
  const handover = checkHandover(body, SOURCE_HANDOVER, own.verifier)
  if (handover === undefined) {
    if (!own.signedBefore(body, SOURCE_HANDOVER.format)) {
      throw refused("signature-wrong", "the handover must be signed by the source's key and by the new one")
    }
    await raiseOldKeyAlarm(alarms, own)
    throw refused("key-replaced", "the handover is signed by a key that was replaced")
  }
  if (body.source !== own.id) throw refused("other-source", "the handover is signed for another source or server")
  const { to } = handover
  const { publicKey } = body
  const attempt = await transact(deps, actor.id, (step) =>
    sources.handOver(step, { source: own.id, from: own.verifier, to, publicKey }),
  )
  return { source: own.id, keyId: to.keyId, replaces: own.verifier.keyId, rotatedAt: attempt.toISOString() }
}

function refused(reason: string, message: string): RequestError {
  return new RequestError("input_invalid", message, { details: { reason } })
}

/** Raises the alarm that somebody still uses a replaced key. What it signed is refused in any case. */
export async function raiseOldKeyAlarm(
  alarms: Pick<Alarms, "raiseNow">,
  { id, verifier }: Pick<LiveSource, "id" | "verifier">,
): Promise<void> {
  await alarms.raiseNow({ code: "old-key-used", subject: id, data: { replacedBy: verifier.keyId, refused: true } })
}
