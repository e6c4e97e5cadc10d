import type { PreferencesBody, PreferencesView, ThemeName, ViewingPreferences } from "@nightlight/contract/server"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { TransactDeps } from "../../platform/events/transact.ts"

/** What somebody set, as it is kept. */
export interface Preferences {
  readonly tourDone: boolean
  readonly theme: ThemeName
  /** `undefined` until they set it: the organisation's floor holds. */
  readonly viewing: ViewingPreferences | undefined
  /** Categories whose cases they chose not to be given. */
  readonly optOutCategories: readonly string[]
}

/** What the service works with. */
export interface PreferencesDeps extends TransactDeps {
  /** The loosest that the organisation lets anybody look. */
  readonly floor: ViewingPreferences
}

/** What people set for themselves. */
export interface PreferencesService {
  /** What holds for somebody now. */
  of(personId: string): Promise<PreferencesView>
  /** Categories whose cases somebody chose not to be given. */
  optOutCategories(personId: string, from: Kysely<Tables>): Promise<readonly string[]>
  /**
   * Sets what is named.
   *
   * @throws {RequestError} `input_invalid` if they would look in any way looser than the floor.
   */
  set(actor: PersonActor, wanted: PreferencesBody): Promise<PreferencesView>
}
