/**
 * The room of the people who work here: their accounts, sign-in and preferences, keys of services, approvals, alarms
 * and the pager.
 * @module
 */

import { compact } from "@nightlight/core"
import { watchRows } from "../platform/authority/watch-rows.ts"
import type { Authenticate, Feature } from "../platform/feature.ts"
import { openSecretSealer } from "../platform/secrets/secret-sealer.ts"
import type { Shared } from "../platform/shared.ts"
import { alarmRoutes } from "./alarms/routes.ts"
import { type Alarms, createAlarms } from "./alarms/service.ts"
import { expireApprovals } from "./approvals/jobs/expire-approvals.ts"
import { approvalRoutes } from "./approvals/routes.ts"
import { type Approvals, createApprovals } from "./approvals/service.ts"
import { createApprovalSigning } from "./approvals/signing.ts"
import { keyRoutes } from "./keys/routes.ts"
import { createKeys, type Keys } from "./keys/service.ts"
import { createPagerCalls, type PagerCalls } from "./pager/calls.ts"
import { pagePerson } from "./pager/page-person.ts"
import { createPager, pagerConfigOf } from "./pager/pager.ts"
import type { PagerPort } from "./pager/types.ts"
import { roleGrantApproval } from "./people/approvals.ts"
import { peopleRoutes } from "./people/routes.ts"
import { createPeople, type People } from "./people/service.ts"
import { createSetup } from "./people/setup.ts"
import { signingRoutes } from "./people/signing-routes.ts"
import { preferenceRoutes } from "./preferences/routes.ts"
import { createPreferences, viewingFloorOf } from "./preferences/service.ts"
import type { PreferencesService } from "./preferences/types.ts"
import { sweepSignIn } from "./sign-in/jobs/sweep-sign-in.ts"
import { inviteRoutes } from "./sign-in/joining/invite-routes.ts"
import { meRoutes } from "./sign-in/me-routes.ts"
import { relyingPartyOf } from "./sign-in/passkeys/relying-party.ts"
import { passkeyRoutes } from "./sign-in/passkeys/routes.ts"
import { joiningRoutes, signInRoutes } from "./sign-in/routes.ts"
import { createSignIn, type SignIn } from "./sign-in/service.ts"
import { createAuthenticate } from "./sign-in/sessions/authenticate.ts"

/** The services of the staff's room. */
export interface Staff {
  readonly people: People
  readonly approvals: Approvals
  readonly alarms: Alarms
  readonly signIn: SignIn
  readonly keys: Keys
  readonly pager: PagerPort
  readonly preferences: PreferencesService
  /** Calls that the pager made. */
  readonly calls: PagerCalls
  readonly authenticate: Authenticate
  readonly feature: Feature
}

/** Parts of other rooms that this room uses. */
export interface StaffPorts {
  /** Whether a source is enrolled and not revoked, so that a key may be made for it. */
  readonly isSource: (source: string) => Promise<boolean>
  /** Which accounts wait for an administrator after a restore. */
  readonly restore: {
    isSuspended(id: string): Promise<boolean>
    admits(roles: ReadonlySet<string>): Promise<boolean>
  }
}

/** Creates the services of staff. Untrusted rows raise alarms from then on. */
export function createStaff(shared: Shared, { isSource, restore }: StaffPorts): Staff {
  const { db, clock, digests, config, log, custodian, jobs, origins, providers, installationKeys } = shared
  const alarms = createAlarms({
    db,
    clock,
    log: ({ code, subject, times }) => log.warn({ code, subject, count: times }, "alarm raised"),
  })
  watchRows(shared, alarms)
  const party = relyingPartyOf(origins)
  const people = createPeople({ db, clock })
  const approvals = createApprovals({
    db,
    clock,
    people,
    signing: createApprovalSigning({ custodian, rule: config.approvals.signed }),
  })
  const signIn = createSignIn({
    db,
    clock,
    people,
    alarms,
    digests,
    providers,
    custodian,
    setup: createSetup(people),
    sealer: openSecretSealer(installationKeys),
    origin: origins[0] ?? "http://localhost",
    passwords: config.signIn.passwords,
    ...compact({ party }),
    demo: config.demo,
    admits: (roles) => restore.admits(roles),
    ...compact({ workingHours: config.signIn.workingHours !== null ? config.signIn.workingHours : undefined }),
  })
  const keys = createKeys({
    db,
    clock,
    isSource,
    isSuspended: (id) => restore.isSuspended(id),
    onOldKey: ({ key, replacedBy, refused }) =>
      alarms.raiseNow({ code: "old-key-used", subject: key, data: { replacedBy, refused } }),
  })
  const pagerConfig = pagerConfigOf(config)
  const calls = createPagerCalls({ db, clock, alarms })
  const pager = createPager({ jobs, config: pagerConfig, calls })
  const preferences = createPreferences({ db, clock, floor: viewingFloorOf(config) })
  approvals.register(roleGrantApproval(people))
  approvals.register(signIn.resetApproval)
  return {
    people,
    approvals,
    alarms,
    signIn,
    keys,
    pager,
    preferences,
    calls,
    authenticate: createAuthenticate({ signIn, keys }),
    feature: {
      name: "staff",
      routes: (app) => {
        approvalRoutes(app, { approvals })
        alarmRoutes(app, { alarms })
        keyRoutes(app, { keys })
        peopleRoutes(app, { db, clock, people, approvals })
        signingRoutes(app, { custodian })
        signInRoutes(app, { signIn })
        passkeyRoutes(app, { signIn })
        joiningRoutes(app, { signIn })
        inviteRoutes(app, { signIn })
        meRoutes(app, { signIn, people, custodian })
        preferenceRoutes(app, { preferences })
      },
      jobs: [
        expireApprovals({ approvals }),
        sweepSignIn({ signIn }),
        pagePerson({ config: pagerConfig, clock, calls }),
      ],
    },
  }
}
