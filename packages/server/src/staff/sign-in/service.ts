/**
 * How staff sign in: makes the parts, once.
 * @module
 */

import { DAY_MS } from "@nightlight/core"
import type { OidcProvider } from "../../platform/config/providers.ts"
import type { ApprovalDefinition } from "../approvals/types.ts"
import { type BreakGlass, createBreakGlass } from "./break-glass/break-glass.ts"
import { createJoiningCodes, type JoiningCodes } from "./joining/codes.ts"
import { createJoining, type Joining } from "./joining/joining.ts"
import { createLinkKeys } from "./joining/link-keys.ts"
import { sweepLinks } from "./joining/link-store.ts"
import { createLinks, type Links } from "./joining/links.ts"
import { resetApproval } from "./joining/reset.ts"
import { createPasswordEnrolment } from "./local/enrolment.ts"
import { createLocalSignIn, type LocalSignIn } from "./local/local.ts"
import { createPasswords } from "./local/password.ts"
import { createOidcSignIn, type OidcSignIn } from "./oidc/oidc.ts"
import { createPasskeys, type Passkeys } from "./passkeys/passkeys.ts"
import { createDevices } from "./sessions/devices.ts"
import { createSessions, type Sessions } from "./sessions/sessions.ts"
import { sweepSessions } from "./sessions/store.ts"
import { sweepTries } from "./throttle/store.ts"
import { createThrottle } from "./throttle/throttle.ts"
import type { SignInDeps } from "./types.ts"

/** All services of sign-in. */
export interface SignIn {
  readonly sessions: Sessions
  readonly local: LocalSignIn
  readonly passkeys: Passkeys
  readonly joining: Joining
  readonly links: Links
  readonly codes: JoiningCodes
  readonly oidc: OidcSignIn
  readonly breakGlass: BreakGlass
  /** To be registered with the approvals. */
  readonly resetApproval: ApprovalDefinition<Record<string, never>>
  readonly origin: string
  readonly passwords: boolean
  readonly demo: boolean
  readonly providers: readonly OidcProvider[]
  /** Whether there is an administrator. */
  isSetUp(): Promise<boolean>
  /**
   * Deletes sessions and links that ended more than 30 days ago and tries older than 2 days; the log keeps what
   * happened.
   */
  sweep(): Promise<void>
}

const LOG_N = 17
const SWEEP_DAYS = 30
const TRIES_DAYS = 2

/** All ways to sign in share one set of sessions; passwords and passkeys share one throttle. */
export function createSignIn(deps: SignInDeps): SignIn {
  const { db, clock, people, setup, origin, passwords, providers, demo = false } = deps
  const keeper = createPasswords(deps.passwordLogN ?? LOG_N)
  const throttle = createThrottle(deps)
  const sessions = createSessions(deps)
  const devices = createDevices(deps.sealer)
  const passkeys = createPasskeys({ ...deps, throttle, sessions, devices })
  const links = createLinks(deps)
  const codes = createJoiningCodes(deps)
  const linkKeys = createLinkKeys(deps)
  const joining = createJoining({
    ...deps,
    links,
    codes,
    linkKeys,
    enrolment: createPasswordEnrolment({ ...deps, keeper }),
  })
  return {
    sessions,
    joining,
    links,
    codes,
    origin,
    passwords,
    providers,
    demo,
    passkeys,
    local: createLocalSignIn({ ...deps, keeper, throttle, sessions, devices }),
    oidc: createOidcSignIn({ ...deps, sessions, joining }),
    breakGlass: createBreakGlass({ ...deps, links, codes, sessions }),
    resetApproval: resetApproval({ people, links, sessions }),
    isSetUp: () => setup.begun(db),
    sweep: async () => {
      const ago = (days: number) => new Date(clock.now().getTime() - days * DAY_MS)
      await sweepSessions(db, ago(SWEEP_DAYS))
      await sweepLinks(db, ago(SWEEP_DAYS))
      await sweepTries(db, ago(TRIES_DAYS))
      await passkeys.sweep(ago(TRIES_DAYS))
    },
  }
}
