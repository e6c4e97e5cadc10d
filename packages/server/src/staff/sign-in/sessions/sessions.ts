/**
 * Sessions: they end after 30 minutes without a call or 8 hours in all, whichever comes first. Each call checks the
 * database, so that an ended session stops working everywhere at once.
 * @module
 */

import { randomUUID } from "node:crypto"
import { compact, MINUTE_MS, RequestError } from "@nightlight/core"
import { type PersonActor, type PersonId, STEP_UP_MINUTES } from "../../../platform/auth/actor.ts"
import { absentIfUntrusted } from "../../../platform/authority/sealed-rows.ts"
import { readPowerEvents } from "../../../platform/events/power.ts"
import { readEvents } from "../../../platform/events/read.ts"
import { type EventTransaction, transact } from "../../../platform/events/transact.ts"
import { SESSION_HOURS } from "../../../platform/http/cookies.ts"
import { newToken, tokenDigest } from "../../../platform/secrets/tokens.ts"
import { readLastEnding, SESSIONS_ENDED_ALL } from "../../people/session-endings.ts"
import type { Session, SignInDeps, SignInMethod } from "../types.ts"
import * as store from "./store.ts"

/** How long a session lives without a call. */
export const IDLE_MINUTES = 30

/**
 * How far the clocks of several servers may differ. A time later than this was written by a clock that ran ahead;
 * accepting it would let the session live until the clock catches up.
 */
const SKEW_MINUTES = 5

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Starts, finds and ends sessions. */
export interface Sessions {
  /**
   * Starts a session. After a restore it throws {@link RequestError} `forbidden` for everybody but administrators,
   * until the restore is reconciled.
   *
   * @param proved - Whether the person proved themselves just now, so that it counts as a step-up.
   * @returns The session, and the token for the cookie, which is not stored.
   */
  start(
    tx: EventTransaction,
    personId: PersonId,
    how: { readonly method: SignInMethod; readonly proved: boolean },
  ): Promise<{ readonly session: Session; readonly token: string }>
  /**
   * Finds the caller of a token; `undefined` without a live session of somebody who may sign in.
   *
   * @param use - Whether a person caused the call; otherwise it does not prolong the session.
   */
  authenticate(token: string, use?: { readonly prolong: boolean }): Promise<PersonActor | undefined>
  /**
   * Records a step-up. Throws {@link RequestError} `unauthenticated` if the session is not live, or another person's.
   */
  prove(tx: EventTransaction, id: string, personId: PersonId): Promise<Session>
  /** A person's live sessions, newest first. */
  list(personId: string): Promise<readonly Session[]>
  /** Ends one session of the caller. Throws {@link RequestError} `not_found`. */
  end(actor: PersonActor, id: string): Promise<void>
  /** Ends all sessions of a person, except one if given. */
  endAll(tx: EventTransaction, personId: string, except?: string): Promise<void>
  /** Until when a session's last proof is valid; `undefined` if it is not. */
  steppedUpUntil(session: Session): Date | undefined
}

/**
 * `admits` can keep roles from starting a session; by default all may. Whether a session is live is read at each call.
 */
export function createSessions({ db, clock, people, admits = async () => true }: SignInDeps): Sessions {
  const deps = { db, clock }
  const liveness = () => {
    const now = clock.now()
    const seenBefore = new Date(now.getTime() + SKEW_MINUTES * MINUTE_MS)
    return { now, seenAfter: new Date(now.getTime() - IDLE_MINUTES * MINUTE_MS), seenBefore }
  }
  /** Whether the log knows a session of this person that was not ended, even if its row is missing. */
  const isLiveByLog = async (trx: SignInDeps["db"], personId: string, id: string): Promise<boolean> => {
    const since = new Date(clock.now().getTime() - SESSION_HOURS * 60 * MINUTE_MS).toISOString()
    const started = await readEvents(trx, { subject: personId, type: "session.started", since })
    if (!started.some(({ data }) => data["session"] === id)) return false
    return !(await readPowerEvents(trx, id)).some(({ type }) => type === "session.ended")
  }
  const steppedUpUntil = ({ provedAt }: Session): Date | undefined => {
    if (provedAt === undefined) return undefined
    const until = new Date(provedAt.getTime() + STEP_UP_MINUTES * MINUTE_MS)
    const { now, seenBefore } = liveness()
    return until > now && provedAt <= seenBefore ? until : undefined
  }
  return {
    start: async ({ trx, record }, personId, { method, proved }) => {
      await store.lockSessionsOf(trx, personId)
      const access = await people.access(personId, trx)
      if (access !== undefined && !(await admits(access.roles))) throw suspended()
      const startedAt = clock.now()
      const session: Session = {
        id: `session-${randomUUID()}`,
        personId,
        method,
        startedAt,
        seenAt: startedAt,
        expiresAt: new Date(startedAt.getTime() + SESSION_HOURS * 60 * MINUTE_MS),
        provedAt: proved ? startedAt : undefined,
        afterEnding: await readLastEnding(trx, personId),
      }
      const token = newToken()
      await store.insertSession(trx, session, tokenDigest(token))
      record({ type: "session.started", subject: personId, data: { session: session.id, method } })
      return { session, token }
    },
    authenticate: async (token, { prolong } = { prolong: true }) => {
      if (!TOKEN.test(token)) return undefined
      const session = await absentIfUntrusted(store.findSession(db, tokenDigest(token), liveness()))
      if (session === undefined) return undefined
      const access = await absentIfUntrusted(people.access(session.personId, db, session))
      if (access === undefined || !(await admits(access.roles))) return undefined
      const now = clock.now()
      const isStale = now.getTime() - session.seenAt.getTime() >= MINUTE_MS
      if (prolong && isStale) await store.touchSession(db, session.id, now)
      return {
        kind: "person",
        id: session.personId,
        roles: access.roles,
        session: session.id,
        steppedUpUntil: steppedUpUntil(session),
        ...compact({ trainingLapsed: !access.trained ? (true as const) : undefined }),
      }
    },
    prove: async ({ trx, record }, id, personId) => {
      const { now: at, seenBefore } = liveness()
      const session = await store.proveSession(trx, { id, personId, at, seenBefore })
      if (session === undefined) throw new RequestError("unauthenticated", "the session has ended: sign in again")
      record({ type: "session.stepped-up", subject: personId, data: { session: id } })
      return session
    },
    list: (personId) => store.listSessions(db, personId, liveness()),
    end: (actor, id) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const [ended] = await store.endSessions(trx, actor.id, clock.now(), { only: id })
        if (ended === undefined && !(await isLiveByLog(trx, actor.id, id))) {
          throw new RequestError("not_found", "you have no such session")
        }
        record({ type: "session.ended", subject: id, data: { person: actor.id } })
      }),
    endAll: async ({ trx, record }, personId, except) => {
      await store.lockSessionsOf(trx, personId)
      const ended = await store.endSessions(trx, personId, clock.now(), compact({ except }))
      for (const session of ended) record({ type: "session.ended", subject: session, data: { person: personId } })
      // Includes sessions whose rows are missing, so that they do not come back with them.
      record({ type: SESSIONS_ENDED_ALL, subject: personId, data: { ending: `ending-${randomUUID()}`, kept: except } })
    },
    steppedUpUntil,
  }
}

function suspended(): RequestError {
  return new RequestError("forbidden", "the service was restored from a backup and is being checked", {
    hint: "An administrator allows sign-ins again when that is done.",
  })
}
