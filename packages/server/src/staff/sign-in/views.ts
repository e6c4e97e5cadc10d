import type { BreakGlassView, SessionView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { BreakGlassRequest } from "./break-glass/store.ts"
import type { Sessions } from "./sessions/sessions.ts"
import type { Session } from "./types.ts"

/** `current` marks the caller's own. `steppedUpUntil` is absent unless a step-up still counts. */
export function toSessionView(session: Session, sessions: Sessions, currentId: string): SessionView {
  const { id, method, startedAt, seenAt, expiresAt } = session
  const steppedUpUntil = sessions.steppedUpUntil(session)
  return compact({
    id,
    method,
    current: id === currentId,
    startedAt: startedAt.toISOString(),
    seenAt: seenAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    steppedUpUntil: steppedUpUntil?.toISOString(),
  })
}

/** Name and address of a new administrator are left out. */
export function toBreakGlassView(request: BreakGlassRequest): BreakGlassView {
  const { id, requestedAt, opensAt, state, decidedBy } = request
  return compact({
    id,
    state,
    kind: request.for.kind,
    personId: request.for.kind === "reset" ? request.for.personId : undefined,
    requestedAt: requestedAt.toISOString(),
    opensAt: opensAt.toISOString(),
    decidedBy,
  })
}
