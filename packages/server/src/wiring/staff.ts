/**
 * Who works here: people, their sign-in, keys of services, acts of two people, alarms.
 * @module
 */

import { compact } from "@nightlight/core"
import { expireActs } from "../acts/jobs/expire-acts.ts"
import { actRoutes } from "../acts/routes.ts"
import { type Acts, createActs } from "../acts/service.ts"
import { createApprovalSigning } from "../acts/signing.ts"
import { alarmRoutes } from "../alarms/routes.ts"
import { type Alarms, createAlarms } from "../alarms/service.ts"
import { watchRows } from "../authority/watch-rows.ts"
import type { Authenticate, Feature } from "../feature.ts"
import { keyRoutes } from "../keys/routes.ts"
import { createKeys, type Keys } from "../keys/service.ts"
import { roleGrantAct } from "../people/acts.ts"
import { peopleRoutes } from "../people/routes.ts"
import { createPeople, type People } from "../people/service.ts"
import { createSetup } from "../people/setup.ts"
import { signingRoutes } from "../people/signing-routes.ts"
import type { RestoreGate } from "../restores/open-restore.ts"
import { openSecretSealer } from "../secrets/secret-sealer.ts"
import { createAuthenticate } from "../sign-in/authenticate.ts"
import { inviteRoutes } from "../sign-in/invite-routes.ts"
import { sweepSignIn } from "../sign-in/jobs/sweep-sign-in.ts"
import { meRoutes } from "../sign-in/me-routes.ts"
import { passkeyRoutes } from "../sign-in/passkey-routes.ts"
import { relyingPartyOf } from "../sign-in/relying-party.ts"
import { joiningRoutes, signInRoutes } from "../sign-in/routes.ts"
import { createSignIn, type SignIn } from "../sign-in/service.ts"
import type { Shared } from "./shared.ts"

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
