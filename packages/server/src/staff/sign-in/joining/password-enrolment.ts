/**
 * The port by which joining sets a password and an authenticator; the sign-in by password implements it.
 * @module
 */
import { z } from "zod"
import type { PersonId } from "../../../platform/auth/actor.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"

/** Input before the first code: the password's hash, and the authenticator's secret in base64. */
export const CredentialDraft = z.strictObject({ password: z.string(), totp: z.string() })
export type CredentialDraft = z.infer<typeof CredentialDraft>

/** Enrols passwords and authenticators. */
export interface PasswordEnrolment {
  /**
   * Hashes a password and makes an authenticator's secret, which `otpauthUri` contains.
   *
   * @throws {RequestError} `forbidden` where password sign-in is off, `input_invalid` for a weak password.
   */
  begin(given: {
    readonly email: string
    readonly password: string
  }): Promise<{ readonly draft: CredentialDraft; readonly otpauthUri: string }>
  /**
   * Checks the authenticator's first code.
   *
   * @returns A function that writes the credential, once its person is known.
   * @throws {RequestError} `input_invalid`.
   */
  confirm(draft: CredentialDraft, code: string): (tx: EventTransaction, personId: PersonId) => Promise<void>
}
