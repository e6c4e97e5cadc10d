import type { Clock } from "@nightlight/core"
import type { KeyedDigest } from "@nightlight/vault"
import type { RelyingParty } from "@nightlight/vault/webauthn"
import type { Kysely } from "kysely"
import type { PersonId } from "../../platform/auth/actor.ts"
import type { OidcProvider } from "../../platform/config/providers.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { SecretSealer } from "../../platform/secrets/secret-sealer.ts"
import type { Alarms } from "../alarms/service.ts"
import type { People } from "../people/service.ts"
import type { Setup } from "../people/setup.ts"

/** When people are expected to work; a sign-in at another hour raises an alarm. */
export interface WorkingHours {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
  /** `08:00`. */
  readonly from: string
  /** `18:00`; before `from` for a night shift. */
  readonly to: string
}

/** Dependencies of sign-in. */
export interface SignInDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly people: People
  readonly setup: Setup
  readonly alarms: Alarms
  readonly sealer: SecretSealer
  readonly digests: KeyedDigest
  /** Knows the keys that people enrolled; with one, its person opens a reset. */
  readonly custodian: Pick<CustodianClient, "enrolments" | "state">
  /**
   * Such as `https://nightlight.example`: used in links, in the cookie's name, and as the address that issuers send
   * browsers back to.
   */
  readonly origin: string
  /** Whether sign-in by password and code is on. */
  readonly passwords: boolean
  /** Relying party of sign-in passkeys; without it there are none. */
  readonly party?: RelyingParty
  readonly providers: readonly OidcProvider[]
  readonly workingHours?: WorkingHours
  /**
   * Whether somebody with these roles may sign in now; after a restore only administrators may. Everybody by default.
   */
  readonly admits?: (roles: ReadonlySet<string>) => Promise<boolean>
  /** Whether this is a demonstration; `false` by default. */
  readonly demo?: boolean
  /** Binary logarithm of scrypt's N; 17 (128 MiB, about half a second) by default. */
  readonly passwordLogN?: number
}

/** Where a sign-in comes from. */
export interface SignInFrom {
  /** IP address. */
  readonly address: string
  /** Mark from an earlier sign-in in this browser. */
  readonly device: string | undefined
  /** Mark that this browser received when it had to wait for a sign-in by password. */
  readonly turn?: string | undefined
}

/** How a session began. */
export type SignInMethod = "local" | "oidc" | "passkey"

/** A session that was live when it was read. */
export interface Session {
  /** `session-<uuid>`: appears in events, opens nothing. */
  readonly id: string
  readonly personId: PersonId
  readonly method: SignInMethod
  readonly startedAt: Date
  readonly seenAt: Date
  /** Latest possible end. */
  readonly expiresAt: Date
  /** When the person last proved themselves. */
  readonly provedAt: Date | undefined
  /** The last ending of all the person's sessions before it started; `undefined` if there was none. */
  readonly afterEnding: string | undefined
}

/** Purpose of a link. */
export type LinkKind = "setup" | "invitation" | "reset"

/** A new link, shown once. */
export interface MadeLink {
  readonly url: string
  readonly expiresAt: Date
}
