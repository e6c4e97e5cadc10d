import type { BreakGlassView, SessionView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { BreakGlassRequest } from "./break-glass/store.ts"
import type { Sessions } from "./sessions/sessions.ts"
import type { Session } from "./types.ts"

/** A session, as the API shows it. */
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

/** A break-glass request, as the API shows it. */
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
