import { GUARD_HEARTBEAT_SECONDS } from "@nightlight/contract/server"
import { compact, DAY_MS } from "@nightlight/core"
import { can } from "../../platform/auth/permissions.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import type { Sources } from "../sources/types.ts"
import { statusOf } from "./source-status.ts"
import { forgetGuards, listGuardsSince, writeHeartbeat } from "./store.ts"
import type { GuardProcess, Guards } from "./types.ts"

/** Dependencies of {@link createGuards}. */
export interface GuardDeps extends TransactDeps {
  readonly sources: Pick<Sources, "ofKey" | "list">
}

/** A guard that was not heard for this long is forgotten. */
const REMEMBERED_MS = 7 * DAY_MS

/** Guards of one source that are remembered: each restart makes another one. */
const REMEMBERED = 200

/** Creates the service. Of each guard it keeps the last heartbeat; first and last ones are recorded. */
export function createGuards(deps: GuardDeps): Guards {
  const { db, clock, sources } = deps
  const rememberedSince = () => new Date(clock.now().getTime() - REMEMBERED_MS)

  return {
    hear: async (actor, heartbeat) => {
      const { id: source } = await sources.ofKey(actor)
      await transact(deps, actor.id, async ({ trx, record }) => {
        const before = await writeHeartbeat(trx, { source, heartbeat, at: clock.now() })
        const data = { instance: heartbeat.instance, version: heartbeat.version, config: heartbeat.config }
        if (before === undefined) {
          record({ type: "guard.first-heartbeat", subject: source, data })
          await forgetGuards(trx, { source, before: rememberedSince(), most: REMEMBERED })
        }
        if (heartbeat.state === "stopped" && before !== "stopped") {
          record({ type: "guard.stopped", subject: source, data })
        }
      })
      return { source, nextInSeconds: GUARD_HEARTBEAT_SECONDS }
    },
    list: async (actor) => {
      const names = can(actor, "source:read")
      const bySource = Map.groupBy(await listGuardsSince(db, rememberedSince()), ({ source }: GuardProcess) => source)
      return {
        sources: (await sources.list()).flatMap(({ source, name, revokedAt }) => {
          const heard = bySource.get(source)
          if (heard === undefined || revokedAt !== undefined) return []
          return [{ ...statusOf(heard, clock.now()), ...compact({ sourceName: names ? name : undefined }) }]
        }),
      }
    },
  }
}
