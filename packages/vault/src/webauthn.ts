/**
 * Verifies passkeys: their signatures, and a browser's answer when one was made.
 * @module
 */
export {
  type AssertionBytes,
  type AssertionRules,
  type CheckedAssertion,
  checkAssertion,
  keyIdOfPoint,
  readP256,
} from "./webauthn/assertion.ts"
export { isOrigin } from "./webauthn/client-data.ts"
export { type RegisteredPasskey, type RegistrationBytes, readRegistration } from "./webauthn/registration.ts"
export type { PasskeyFault, RelyingParty } from "./webauthn/relying-party.ts"
