import type { PreferencesBody, PreferencesView, ThemeName, ViewingPreferences } from "@nightlight/contract/server"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { TransactDeps } from "../../platform/events/transact.ts"

/** Preferences as they are stored. */
export interface Preferences {
  readonly tourDone: boolean
  readonly theme: ThemeName
  /** `undefined` until they set it; then the organisation's floor applies. */
  readonly viewing: ViewingPreferences | undefined
  /** Categories whose cases they chose not to be given. */
  readonly optOutCategories: readonly string[]
}

/** Dependencies of the service. */
export interface PreferencesDeps extends TransactDeps {
  /** The loosest viewing protections that the organisation allows. */
  readonly floor: ViewingPreferences
}

/** People's own preferences. */
export interface PreferencesService {
  /** The preferences in effect for a person now. */
  of(personId: string): Promise<PreferencesView>
  /** Categories whose cases a person chose not to be given. */
  optOutCategories(personId: string, from: Kysely<Tables>): Promise<readonly string[]>
  /**
   * Sets the named preferences.
   *
   * @throws {RequestError} `input_invalid` if a viewing protection would be looser than the floor.
   */
  set(actor: PersonActor, wanted: PreferencesBody): Promise<PreferencesView>
}
