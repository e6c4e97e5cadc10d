/**
 * Sign-in passkeys: separate keys from the one that signs grants.
 * @module
 */
import { z } from "zod"
import { CanonicalBase64Url } from "../custodian/base64url.ts"
import { CredentialId, PasskeyAssertion } from "../custodian/signature.ts"
import { Timestamp } from "../screening.ts"

/** Random bytes of the server, 32, base64url. A passkey signs `signInChallenge` of it; valid once, for 5 minutes. */
const Nonce = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** A person's own name for a passkey. */
export const PasskeyName = z.string().trim().min(1).max(80)

/** `POST /v1/sign-in/passkey/start` and `POST /v1/step-up/passkey/start` answer. */
export const PasskeyStartAnswer = z.strictObject({
  nonce: Nonce,
  rpId: z.string(),
  /** For a step-up: the caller's. For a sign-in empty: the person chooses. */
  credentialIds: z.array(CredentialId),
})

/** `POST /v1/sign-in/passkey` and `POST /v1/step-up/passkey` body. */
export const PasskeyProofBody = PasskeyAssertion

/** `POST /v1/me/passkeys/start` answer, after a step-up. */
export const PasskeyMakeAnswer = z.strictObject({
  nonce: Nonce,
  rpId: z.string(),
  /** The person's id for authenticators: 32 bytes, base64url. One authenticator keeps one passkey for it. */
  userId: z.string(),
  /** Existing ones: an authenticator that has one of them makes no other. */
  credentialIds: z.array(CredentialId),
})

/** `POST /v1/me/passkeys` body: the browser's answer when it was made, base64url. */
export const PasskeyMadeBody = z.strictObject({
  name: PasskeyName,
  authenticatorData: CanonicalBase64Url.min(1).max(4096),
  clientData: CanonicalBase64Url.min(1).max(4096),
})

/** `PUT /v1/me/passkeys/:credentialId` body. */
export const PasskeyRenameBody = z.strictObject({ name: PasskeyName })

/** A passkey as its person sees it. */
export const PasskeyView = z.strictObject({
  credentialId: CredentialId,
  name: z.string(),
  madeAt: Timestamp,
  usedAt: Timestamp.exactOptional(),
})
export type PasskeyView = z.infer<typeof PasskeyView>

/** `GET /v1/me/passkeys` answer, oldest first. */
export const PasskeyList = z.strictObject({
  passkeys: z.array(PasskeyView),
  /** Where they can be used; absent if this installation has no address for which browsers allow passkeys. */
  party: z.strictObject({ rpId: z.string(), origins: z.array(z.string()) }).exactOptional(),
  /** Whether the caller may add one: people with single sign-on prove themselves there. */
  mayMake: z.boolean(),
})
