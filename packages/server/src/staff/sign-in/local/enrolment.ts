/**
 * The password and the authenticator that somebody sets when joining: a draft until the authenticator's first code,
 * then their credential.
 * @module
 */
import { RequestError } from "@nightlight/core"
import { insertCredential } from "../credential-store.ts"
import type { PasswordEnrolment } from "../joining/password-enrolment.ts"
import type { SignInDeps } from "../types.ts"
import { assertGoodPassword, type Passwords } from "./password.ts"
import { newTotpSecret, stepOfCode, totpUri } from "./totp.ts"

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
