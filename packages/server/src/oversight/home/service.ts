/**
 * The home screen of one person. A part for which the permission is missing is left out.
 * @module
 */

import { HOME_DUE_MAX, type HomeView } from "@nightlight/contract/server"
import type { Clock } from "@nightlight/core"
import { compact } from "@nightlight/core"
import { toOnCallView } from "../../casework/cases/call-view.ts"
import { can } from "../../platform/auth/permissions.ts"
import { casesPart } from "./cases.ts"
import { dangerPart } from "./danger.ts"
import { sortDue } from "./order.ts"
import { breakGlassPart, listsPart, trainingsPart } from "./staff.ts"
import type { Due, Home, HomePorts } from "./types.ts"
import { alarmsPart, approvalsPart, reportsPart, requestsPart, tasksPart } from "./worklist.ts"

/** Reads all parts in parallel. What the person may not see is not read. */
export function createHome({ clock, ...ports }: HomePorts & { readonly clock: Clock }): Home {
  return {
    of: async (person) => {
      const now = clock.now()
      const asked = can(person, "health:read") ? ports.health() : undefined
      const mayCall = can(person, "case:read") || can(person, "alarm:read")
      const openAlarms = mayCall ? ports.alarms.list(true) : Promise.resolve([])
      const [parts, health, setup, commitments, danger] = await Promise.all([
        Promise.all([
          casesPart(ports, person, now),
          reportsPart(ports, person),
          approvalsPart(ports, person),
          alarmsPart(openAlarms, person),
          requestsPart(ports, person, now),
          tasksPart(ports, person),
          trainingsPart(ports, person, now),
          breakGlassPart(ports, person),
          listsPart(ports, person, now),
        ]),
        asked,
        asked === undefined ? undefined : ports.setup(asked),
        can(person, "commitment:read") ? ports.commitments.statuses() : undefined,
        dangerPart({ ...ports, openAlarms }, person, now),
      ])
      const due = sortDue(parts.flatMap((part) => part.due))
      return {
        at: now.toISOString(),
        danger: [...danger],
        ...compact({ onCall: mayCall ? toOnCallView(ports.onCall) : undefined, setup }),
        due: due.slice(0, HOME_DUE_MAX).map(toItem),
        dueMore: due.length > HOME_DUE_MAX,
        waiting: Object.assign({}, ...parts.map(({ waiting }) => waiting)) as HomeView["waiting"],
        ...compact({ health, commitments: commitments?.counts }),
      }
    },
  }
}

function toItem({ kind, id, code, about, dueAt, sinceAt, count }: Due): HomeView["due"][number] {
  return compact({
    kind,
    id,
    code,
    sinceAt: sinceAt.toISOString(),
    about,
    dueAt: dueAt?.toISOString(),
    count,
  })
}
