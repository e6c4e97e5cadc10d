import type { LookPreferences, PreferencesBody, PreferencesView, ThemeName } from "@nightlight/contract/server"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { ChangeDeps } from "../../platform/events/change.ts"

/** What somebody set, as it is kept. */
export interface Preferences {
  readonly tourDone: boolean
  readonly theme: ThemeName
  /** `undefined` until they set it: the organisation's floor holds. */
  readonly look: LookPreferences | undefined
}

/** What the service works with. */
export interface PreferencesDeps extends ChangeDeps {
  /** The loosest that the organisation lets anybody look. */
  readonly floor: LookPreferences
}

/** What people set for themselves. */
export interface PreferencesService {
  /** What holds for somebody now. */
  of(personId: string): Promise<PreferencesView>
  /**
   * Sets what is named.
   *
   * @throws {RequestError} `input_invalid` if they would look in any way looser than the floor.
   */
  set(actor: PersonActor, wanted: PreferencesBody): Promise<PreferencesView>
}
