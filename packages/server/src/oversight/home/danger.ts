/**
 * Cases in which a child may be in danger now: first on every home screen that may show them, whoever works on them,
 * until they are decided and somebody has handled the alarm.
 * @module
 */

import { HOME_DANGER_MAX, type HomeDanger } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import { toDangerCall } from "../../casework/cases/call-view.ts"
import { holderOf } from "../../casework/cases/claims/lease.ts"
import type { CaseHead } from "../../casework/cases/state/head.ts"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { Alarm } from "../../staff/alarms/types.ts"
import type { HomePorts } from "./types.ts"

const CODE = "imminent-danger"

/** Dependencies of {@link dangerPart}. */
export interface DangerPorts extends Pick<HomePorts, "cases" | "alarms"> {
  /** Open alarms; read for other parts too. */
  readonly openAlarms: Promise<readonly Alarm[]>
}

/** The cases, flagged longest ago first; empty for people who may read neither cases nor alarms. */
export async function dangerPart(
  { cases, alarms, openAlarms }: DangerPorts,
  person: PersonActor,
  now: Date,
): Promise<readonly HomeDanger[]> {
  const readsCases = can(person, "case:read")
  if (!readsCases && !can(person, "alarm:read")) return []
  const [inDanger, alarmed] = await Promise.all([cases.inDanger(HOME_DANGER_MAX), openAlarms])
  const heads = new Map(inDanger.map((head) => [head.caseId, head]))
  const open = alarmed.filter(({ code }) => code === CODE)
  const ids = [...new Set([...heads.keys(), ...open.map(({ subject }) => subject)])]
  const alarmOf = new Map((await alarms.about(CODE, ids)).map((alarm) => [alarm.subject, alarm]))
  const all = await Promise.all(
    ids.map(async (caseId) => {
      const { call } = await cases.callAbout(caseId)
      const head = readsCases ? (heads.get(caseId) ?? (await cases.get(caseId))) : undefined
      const alarm = alarmOf.get(caseId)
      return {
        caseId,
        at: (alarm?.raisedAt ?? call?.at ?? now).toISOString(),
        ...aboutCase(head, now),
        ...compact({
          call: call === undefined ? undefined : toDangerCall(call),
          alarm: alarm === undefined ? undefined : aboutAlarm(alarm),
        }),
      }
    }),
  )
  return all.toSorted((a, b) => a.at.localeCompare(b.at)).slice(0, HOME_DANGER_MAX)
}

function aboutCase(head: CaseHead | undefined, now: Date): Pick<HomeDanger, "state" | "holder"> {
  if (head === undefined) return {}
  const by = holderOf(head, now)
  return compact({
    state: head.state,
    holder: by !== undefined && head.claim !== undefined ? { by, until: head.claim.until } : undefined,
  })
}

function aboutAlarm({ id, acknowledgedAt, acknowledgedBy }: Alarm): NonNullable<HomeDanger["alarm"]> {
  const isSeen = acknowledgedAt !== undefined && acknowledgedBy !== undefined
  return compact({
    id,
    seen: isSeen ? { by: acknowledgedBy, at: acknowledgedAt.toISOString() } : undefined,
  })
}
