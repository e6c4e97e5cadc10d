/**
 * Set-up, joining, sign-in, sessions.
 * @module
 */
import { z } from "zod"
import { CredentialId, PersonSignature } from "../custodian/signature.ts"
import { Timestamp } from "../screening.ts"
import { PersonEmail, PersonName, RoleName, Training } from "./people.ts"

/** The token in a link: 32 random bytes, base64url. */
export const LinkToken = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** A one-time code as typed: what the host's command printed, with or without its hyphens. */
export const OneTimeCode = z.string().min(1).max(60)

/** A password as typed; rules for new ones are checked separately. */
export const PasswordText = z.string().min(1).max(256)

/** A code of an authenticator. */
export const TotpCode = z.string().regex(/^[0-9]{6}$/)

/** `GET /v1/sign-in` answer: the available ways to sign in. */
export const SignInWays = z.strictObject({
  /** Whether there is an administrator; until then only a set-up link works. */
  setUp: z.boolean(),
  /** Whether sign-in by password and code is on; else only single sign-on. */
  passwords: z.boolean(),
  /** Host of sign-in passkeys; absent if they are off. */
  passkeys: z.strictObject({ rpId: z.string() }).exactOptional(),
  issuers: z.array(z.strictObject({ id: z.string(), name: z.string() })),
  /** Whether this is a demonstration, with invented cases: every page says so. */
  demo: z.boolean(),
})

/** `POST /v1/sign-in` body. */
export const SignInBody = z.strictObject({ email: PersonEmail, password: PasswordText, code: TotpCode })

/** `POST /v1/step-up` body: proves the same person again. */
export const StepUpBody = z.strictObject({ password: PasswordText, code: TotpCode })

/** A session; only the cookie has its token. */
export const SessionView = z.strictObject({
  id: z.string(),
  method: z.enum(["local", "oidc", "passkey"]),
  startedAt: Timestamp,
  seenAt: Timestamp,
  /** Latest end, 8 hours after the start; 30 minutes without a call end it earlier. */
  expiresAt: Timestamp,
  steppedUpUntil: Timestamp.exactOptional(),
  current: z.boolean(),
})
export type SessionView = z.infer<typeof SessionView>

/** `GET /v1/me/sessions` answer: live ones. */
export const SessionList = z.strictObject({ sessions: z.array(SessionView) })

/** `GET /v1/me` answer. */
export const Me = z.strictObject({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  roles: z.array(RoleName),
  /** Permissions that the caller has now; without those that need a lapsed training. */
  permissions: z.array(z.string()),
  training: Training.exactOptional(),
  custodyKeyAt: Timestamp.exactOptional(),
  session: SessionView,
})
export type Me = z.infer<typeof Me>

/** `POST /v1/setup` body: the first administrator, and the invitee for the second. */
export const SetupBody = z.strictObject({
  token: LinkToken,
  name: PersonName,
  email: PersonEmail,
  password: PasswordText,
  second: z.strictObject({ name: PersonName, email: PersonEmail }),
})

/** `POST /v1/join/key` body. */
export const LinkKeyBody = z.strictObject({ token: LinkToken })

/** `POST /v1/join/key` answer: what a reset's person signs to open it without a code. */
export const LinkKeyAnswer = z.strictObject({
  /** Absent for an invitation, and for somebody whose key the custodian does not know. */
  key: z
    .strictObject({
      person: z.string(),
      link: z.string(),
      nonce: z.string(),
      issuedAt: Timestamp,
      /** The passkey that must sign; absent: the key that the person's browser keeps. */
      passkey: z.strictObject({ rpId: z.string(), credentialId: CredentialId }).exactOptional(),
      /** Sent back with the signature; 15 minutes. */
      challenge: z.string(),
    })
    .exactOptional(),
})

/** Proof that opens a link: the code that the host made for its person or, for a reset, their enrolled key. */
const OPENED_WITH = {
  oneTimeCode: OneTimeCode.exactOptional(),
  /** Signature over `LinkOpening` of the challenge. */
  key: z.strictObject({ challenge: z.string().min(1).max(2048), signature: PersonSignature }).exactOptional(),
}
type OpenedWith = { readonly oneTimeCode?: unknown; readonly key?: unknown }
const isOpenedOnce = ({ oneTimeCode, key }: OpenedWith) => (oneTimeCode === undefined) !== (key === undefined)
const ONE_WAY = { message: "expected a code or a key" }

/** `POST /v1/join` body: an invitation or a reset. */
export const JoinBody = z
  .strictObject({ token: LinkToken, ...OPENED_WITH, password: PasswordText })
  .refine(isOpenedOnce, ONE_WAY)

/** Answer of set-up and joining: the authenticator's secret, shown this once, and the token of the next step. */
export const EnrolmentAnswer = z.strictObject({
  /** Token for `POST /v1/join/confirm`, 15 minutes. */
  enrolment: LinkToken,
  /** `otpauth://totp/...`: shown as a QR code; its `secret` can also be typed in. */
  otpauthUri: z.string(),
  expiresAt: Timestamp,
})

/** `POST /v1/join/confirm` body: the first code proves that the authenticator has the secret. */
export const ConfirmBody = z.strictObject({ enrolment: LinkToken, code: TotpCode })

/** The second administrator, and the link to join by. */
const InvitedSecond = z.strictObject({ personId: z.string(), url: z.string(), expiresAt: Timestamp })

/** `POST /v1/join/confirm` answer. */
export const ConfirmAnswer = z.strictObject({
  personId: z.string(),
  /** After the set-up: the second administrator's invitation, shown this once. */
  second: InvitedSecond.exactOptional(),
})
export type ConfirmAnswer = z.infer<typeof ConfirmAnswer>

/** `POST /v1/setup/second` body: invites another second administrator, until one has joined. */
export const SecondBody = z.strictObject({ name: PersonName, email: PersonEmail })

/** `POST /v1/sign-in/oidc` and `/v1/step-up/oidc` body. */
export const OidcStartBody = z.strictObject({ issuer: z.string().min(1).max(40) })

/** `POST /v1/join/oidc` body: binds the invited person to a single sign-on instead of a password. */
export const OidcJoinBody = z
  .strictObject({ token: LinkToken, ...OPENED_WITH, issuer: z.string().min(1).max(40) })
  .refine(isOpenedOnce, ONE_WAY)

/** `POST /v1/setup/oidc` body: the first administrator by single sign-on instead of a password. */
export const OidcSetupBody = z.strictObject({
  token: LinkToken,
  issuer: z.string().min(1).max(40),
  name: PersonName,
  email: PersonEmail,
  second: z.strictObject({ name: PersonName, email: PersonEmail }),
})

/** Where the browser must go. */
export const OidcStartAnswer = z.strictObject({ redirectTo: z.string() })

/** `POST /v1/sign-in/oidc/finish` body: the query string with which the issuer sent the browser back. */
export const OidcFinishBody = z.strictObject({ query: z.string().min(1).max(8192) })

/** `POST /v1/sign-in/oidc/finish` answer. */
export const OidcFinishAnswer = z.strictObject({
  purpose: z.enum(["sign-in", "step-up", "join", "setup"]),
  personId: z.string(),
  /** After the set-up: the second administrator's invitation, shown this once. */
  second: InvitedSecond.exactOptional(),
})

/** `POST /v1/me/password` body, after a step-up. */
export const PasswordBody = z.strictObject({ password: PasswordText })

/** `POST /v1/sign-in` answer. */
export const SignedIn = z.strictObject({ personId: z.string(), session: SessionView })

/** A break-glass request by the host, waiting for its delay to pass. */
export const BreakGlassView = z.strictObject({
  id: z.string(),
  kind: z.enum(["reset", "administrator"]),
  personId: z.string().exactOptional(),
  requestedAt: Timestamp,
  opensAt: Timestamp,
  state: z.enum(["waiting", "cancelled", "done"]),
  decidedBy: z.string().exactOptional(),
})
export type BreakGlassView = z.infer<typeof BreakGlassView>

/** `GET /v1/break-glass` answer, newest first. */
export const BreakGlassList = z.strictObject({ requests: z.array(BreakGlassView) })
