/**
 * Alarms: a row for the home screen, an event, a log line.
 * @module
 */

import { randomUUID } from "node:crypto"
import type { AlarmCode } from "@nightlight/contract/server"
import { RequestError } from "@nightlight/core"
import type { Logger } from "pino"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { AlarmInput } from "../../platform/events/alarm-port.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import * as store from "./store.ts"
import type { Alarm } from "./types.ts"

/** Raises, lists and acknowledges alarms. */
export interface Alarms {
  /**
   * Raises an alarm in the caller's transaction. While one of the same code and subject is open, it is counted there
   * and no second event is written, so that a flood stays one line.
   */
  raise(tx: EventTransaction, alarm: AlarmInput): Promise<void>
  /** As {@link raise}, in a transaction of its own. */
  raiseNow(alarm: AlarmInput): Promise<void>
  /** Newest first, at most 200. */
  list(openOnly: boolean): Promise<readonly Alarm[]>
  /** Marks an alarm as handled. Throws {@link RequestError} `state_conflict` if somebody did before. */
  acknowledge(actor: PersonActor, id: string): Promise<Alarm>
  /**
   * Reopens an alarm. Throws {@link RequestError} `state_conflict` if it is open, or the same was raised again since.
   */
  reopen(actor: PersonActor, id: string): Promise<Alarm>
  /** The last alarm of a code about each of these subjects, open or not. */
  about(code: AlarmCode, subjects: readonly string[]): Promise<readonly Alarm[]>
}

/** Dependencies of alarms. */
export interface AlarmDeps extends TransactDeps {
  /** Writes a log line for those who monitor the logs. */
  readonly log?: (alarm: { readonly code: string; readonly subject: string; readonly times: number }) => void
}

/** `log` is called each time an alarm is raised; an event is recorded only if no such alarm is open. */
export function createAlarms({ log, ...deps }: AlarmDeps): Alarms {
  const raise = async ({ trx, record }: EventTransaction, alarm: AlarmInput): Promise<void> => {
    const { code, subject, data } = alarm
    const times = await store.raiseAlarm(trx, alarm, { id: `alarm-${randomUUID()}`, at: deps.clock.now() })
    if (times === 1) record({ type: "alarm.raised", subject, data: { ...data, code } })
    log?.({ code, subject, times })
  }
  return {
    raise,
    raiseNow: (alarm) => transact(deps, "system-alarms", (tx) => raise(tx, alarm)),
    list: (openOnly) => store.listAlarms(deps.db, openOnly),
    acknowledge: (actor, id) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const alarm = await store.acknowledgeAlarm(trx, id, { by: actor.id, at: deps.clock.now() })
        if (alarm === undefined) {
          throw new RequestError("state_conflict", "this alarm is not open", { details: { id } })
        }
        record({ type: "alarm.acknowledged", subject: id, data: { code: alarm.code, about: alarm.subject } })
        return alarm
      }),
    reopen: (actor, id) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        const alarm = await store.reopenAlarm(trx, id)
        if (alarm === undefined) {
          throw new RequestError(
            "state_conflict",
            "nobody has marked this alarm as handled, or it was raised again since",
            {
              details: { id },
            },
          )
        }
        record({ type: "alarm.reopened", subject: id, data: { code: alarm.code, about: alarm.subject } })
        return alarm
      }),
    about: (code, subjects) => store.readAlarmsAbout(deps.db, code, subjects),
  }
}

/**
 * Raises the alarm that somebody may hold a copy of a person's passkey.
 *
 * @returns Never rejects: the sign-in stays refused whether or not the alarm could be written.
 */
export function createCopiedPasskeyAlarm({
  log,
  ...deps
}: TransactDeps & { readonly log: Logger }): (person: string) => Promise<void> {
  const alarms = createAlarms(deps)
  return async (person) => {
    await alarms.raiseNow({ code: "passkey-counter", subject: person }).catch((error: unknown) => {
      log.error({ err: error }, "the alarm about a copied passkey could not be raised")
    })
  }
}
