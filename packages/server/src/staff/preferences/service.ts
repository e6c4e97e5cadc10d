/**
 * People's own preferences. Viewing protections can be stricter than the organisation's floor, never looser; a floor
 * that is raised later takes effect at once.
 * @module
 */

import { isDeepStrictEqual } from "node:util"
import { type PreferencesView, stricterViewing, type ViewingPreferences } from "@nightlight/contract/server"
import { compact, RequestError } from "@nightlight/core"
import type { ServerConfig } from "../../platform/config/schema.ts"
import { transact } from "../../platform/events/transact.ts"
import * as store from "./store.ts"
import type { Preferences, PreferencesDeps, PreferencesService } from "./types.ts"

/** `floor` wins over looser preferences that were set before it. */
export function createPreferences({ floor, ...deps }: PreferencesDeps): PreferencesService {
  const toView = ({ viewing, optOutCategories, ...rest }: Preferences): PreferencesView => ({
    ...rest,
    optOutCategories: [...optOutCategories],
    floor,
    viewing: viewing === undefined ? floor : stricterViewing(viewing, floor),
  })
  return {
    of: async (personId) => toView(await store.readPreferences(deps.db, personId)),
    optOutCategories: async (personId, from) => (await store.readPreferences(from, personId)).optOutCategories,
    set: async (actor, wanted) => {
      if (wanted.viewing !== undefined) assertNotLooser(wanted.viewing, floor)
      return transact(deps, actor.id, async ({ trx, record }) => {
        const before = await store.lockPreferences(trx, actor.id)
        const now: Preferences = { ...before, ...wanted }
        if (isDeepStrictEqual(before, now)) return toView(before)
        await store.writePreferences(trx, actor.id, now)
        const { tourDone, theme, viewing, optOutCategories } = now
        record({
          type: "preferences.set",
          subject: actor.id,
          // The categories that somebody does not want to see are private: the log keeps only their number.
          data: compact({ tourDone, theme, viewing: viewing || undefined, optOutCategories: optOutCategories.length }),
        })
        return toView(now)
      })
    },
  }
}

function assertNotLooser(wanted: ViewingPreferences, floor: ViewingPreferences): void {
  if (isDeepStrictEqual(stricterViewing(wanted, floor), wanted)) return
  const { sizePx, blurPx, hideAfterSeconds } = floor
  throw new RequestError("input_invalid", "viewing protections cannot be looser than the organisation's floor", {
    details: { sizePx, blurPx, hideAfterSeconds },
    hint: "The floor is set by `viewing` in server.yaml.",
  })
}

/** The loosest viewing protections that anybody may set. */
export function viewingFloorOf({ viewing }: ServerConfig): ViewingPreferences {
  const { maxSizePx, minBlurPx, maxSeconds } = viewing
  return { sizePx: maxSizePx, blurPx: minBlurPx, hideAfterSeconds: maxSeconds, greyscale: true }
}
