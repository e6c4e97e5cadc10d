/**
 * The password and the authenticator that somebody sets when joining: a draft until the authenticator's first code,
 * then their credential.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { z } from "zod"
import type { PersonId } from "../../../platform/auth/actor.ts"
import type { EventTransaction } from "../../../platform/events/transact.ts"
import type { SignInDeps } from "../types.ts"
import { insertCredential } from "./credential-store.ts"
import { assertGoodPassword, type Passwords } from "./password.ts"
import { newTotpSecret, stepOfCode, totpUri } from "./totp.ts"

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

/** Drafts hold the secret unencrypted; the link that they belong to seals them. */
export function createPasswordEnrolment(
  deps: Pick<SignInDeps, "clock" | "sealer" | "passwords"> & { readonly keeper: Passwords },
): PasswordEnrolment {
  const { clock, sealer, keeper, passwords } = deps
  return {
    begin: async ({ email, password }) => {
      if (!passwords) throw new RequestError("forbidden", "this installation signs in by single sign-on alone")
      assertGoodPassword(password, email)
      const secret = newTotpSecret()
      return {
        draft: { password: await keeper.hash(password), totp: Buffer.from(secret).toString("base64") },
        otpauthUri: totpUri(secret, email),
      }
    },
    confirm: (draft, code) => {
      const secret = Buffer.from(draft.totp, "base64")
      const step = stepOfCode(secret, code, clock.now())
      if (step === undefined) throw new RequestError("input_invalid", "this is not the authenticator's code")
      return async ({ trx, record }, personId) => {
        const totp = sealer.seal("totp", personId, secret)
        const credential = { personId, password: draft.password, totp, totpLastStep: step }
        const proof = await insertCredential(trx, credential, clock.now())
        record({ type: "credentials.set", subject: personId, data: { method: "local", proof } })
      }
    },
  }
}
