/**
 * Who works here: people, their sign-in, keys of services, acts of two people, alarms.
 * @module
 */

import { compact } from "@nightlight/core"
import type { RestoreGate } from "../../oversight/restores/open-restore.ts"
import { watchRows } from "../../platform/authority/watch-rows.ts"
import type { Authenticate, Feature } from "../../platform/feature.ts"
import { openSecretSealer } from "../../platform/secrets/secret-sealer.ts"
import type { Shared } from "../../platform/shared.ts"
import { alarmRoutes } from "../../staff/alarms/routes.ts"
import { type Alarms, createAlarms } from "../../staff/alarms/service.ts"
import { expireActs } from "../../staff/approvals/jobs/expire-acts.ts"
import { actRoutes } from "../../staff/approvals/routes.ts"
import { type Acts, createActs } from "../../staff/approvals/service.ts"
import { createApprovalSigning } from "../../staff/approvals/signing.ts"
import { keyRoutes } from "../../staff/keys/routes.ts"
import { createKeys, type Keys } from "../../staff/keys/service.ts"
import { roleGrantAct } from "../../staff/people/acts.ts"
import { peopleRoutes } from "../../staff/people/routes.ts"
import { createPeople, type People } from "../../staff/people/service.ts"
import { createSetup } from "../../staff/people/setup.ts"
import { signingRoutes } from "../../staff/people/signing-routes.ts"
import { createAuthenticate } from "../../staff/sign-in/authenticate.ts"
import { inviteRoutes } from "../../staff/sign-in/invite-routes.ts"
import { sweepSignIn } from "../../staff/sign-in/jobs/sweep-sign-in.ts"
import { meRoutes } from "../../staff/sign-in/me-routes.ts"
import { passkeyRoutes } from "../../staff/sign-in/passkey-routes.ts"
import { relyingPartyOf } from "../../staff/sign-in/relying-party.ts"
import { joiningRoutes, signInRoutes } from "../../staff/sign-in/routes.ts"
import { createSignIn, type SignIn } from "../../staff/sign-in/service.ts"

/** The staff's services. */
export interface Staff {
  readonly people: People
  readonly acts: Acts
  readonly alarms: Alarms
  readonly signIn: SignIn
  readonly keys: Keys
  readonly authenticate: Authenticate
  readonly feature: Feature
}

/** Makes the staff's services. */
export function createStaff(
  shared: Shared,
  isSource: (source: string) => Promise<boolean>,
  restore: RestoreGate,
): Staff {
  const { db, clock, digests, config, log, custodian, origins, providers, installationKeys } = shared
  const alarms = createAlarms({
    db,
    clock,
    log: ({ code, subject, times }) => log.warn({ code, subject, count: times }, "alarm raised"),
  })
  watchRows(shared, alarms)
  const party = relyingPartyOf(origins)
  const people = createPeople({ db, clock })
  const acts = createActs({
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
  acts.register(roleGrantAct(people))
  acts.register(signIn.resetAct)
  return {
    people,
    acts,
    alarms,
    signIn,
    keys,
    authenticate: createAuthenticate({ signIn, keys }),
    feature: {
      name: "staff",
      routes: (app) => {
        actRoutes(app, { acts })
        alarmRoutes(app, { alarms })
        keyRoutes(app, { keys })
        peopleRoutes(app, { db, clock, people, acts })
        signingRoutes(app, { custodian })
        signInRoutes(app, { signIn })
        passkeyRoutes(app, { signIn })
        joiningRoutes(app, { signIn })
        inviteRoutes(app, { signIn })
        meRoutes(app, { signIn, people, custodian })
      },
      jobs: [expireActs({ acts }), sweepSignIn({ signIn })],
    },
  }
}
