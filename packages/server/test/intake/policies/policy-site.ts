/** The policies feature on a real database, behind the real HTTP application, with real people and approvals. */

import { randomBytes } from "node:crypto"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import type { TestDatabase } from "@nightlight/dev-env/database/postgres"
import { toKeyedDigest } from "@nightlight/vault"
import { countFindingsWithoutTrial, pastFindings } from "../../../src/intake/findings/past-findings.ts"
import { activateApproval, rollBackApproval } from "../../../src/intake/policies/approvals.ts"
import { ingestPolicyFileJob } from "../../../src/intake/policies/jobs/ingest-policy-file.ts"
import { tryPolicyJob } from "../../../src/intake/policies/jobs/try-policy.ts"
import { createLivePolicy } from "../../../src/intake/policies/live-policy.ts"
import { pastItems } from "../../../src/intake/policies/past-case-items.ts"
import { policyRoutes } from "../../../src/intake/policies/routes.ts"
import { createPolicies, type PoliciesDeps } from "../../../src/intake/policies/service.ts"
import { subjectOf } from "../../../src/intake/policies/types.ts"
import { digestOf } from "../../../src/intake/policies/versions.ts"
import { policyFileOf } from "../../../src/intake/workspace.ts"
import type { Role } from "../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { transact } from "../../../src/platform/events/transact.ts"
import { approvalRoutes } from "../../../src/staff/approvals/routes.ts"
import { testApp } from "../../support/app.ts"
import { addMember, type Member, openStaff } from "../../support/staff.ts"

/** The text of a policy that answers for every match; `number` makes each a version of its own. */
export function policyText(number: number, rules = "", decide = "review"): string {
  return `name: ours
version: ${number}
rules:
${rules}  - { name: any-match, when: size(matches) > 0, decide: ${decide}, note: "A person looks." }
  - { name: not-screened, when: 'inconclusive != ""', decide: inconclusive }
default: clear
tests:
  - { name: a match is never clear, signals: { matches: [{ hashType: pdq }] }, expect: ${decide} }
`
}

/** Makes the feature, over a workspace whose policy file is `first`. */
export async function openPolicySite(db: TestDatabase, { first = policyText(1), batchSize = 2000 } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "nl-policies-"))
  const writePolicy = (text: string) => writeFile(join(dir, "policy.yaml"), text)
  await writeFile(join(dir, "nightlight.yaml"), "policy: policy.yaml\n")
  await writePolicy(first)
  const staff = await openStaff(db.database)
  const { approvals, clock } = staff
  const kysely = db.database.kysely
  const shared = { db: kysely, clock, contextKeys: openContextKeys(randomBytes(32)) }
  const queued: { readonly name: string; readonly payload: object; readonly startAfter: Date | undefined }[] = []
  const file = policyFileOf(dir)
  const live = createLivePolicy({ ...shared, file })
  const deps: PoliciesDeps = {
    ...shared,
    file,
    batchSize,
    items: pastItems(kysely),
    findings: pastFindings(shared),
    jobs: {
      enqueue: async (_trx, name, payload, options) =>
        void queued.push({ name, payload, startAfter: options?.startAfter }),
    },
    leftOut: (period) => countFindingsWithoutTrial(shared, period),
    flushShadow: () => live.flush(),
  }
  const policies = createPolicies(deps)
  approvals.register(activateApproval(shared))
  approvals.register(rollBackApproval(shared))
  const members = new Map<string, Member>()
  const app = await testApp({
    authenticate: async ({ headers }) => {
      const actor = await members.get(String(headers["x-person"]))?.actor()
      return actor && (headers["x-old"] === undefined ? actor : { ...actor, steppedUpUntil: undefined })
    },
    routes: (on) => {
      policyRoutes(on, { db: kysely, clock, policies, approvals })
      approvalRoutes(on, { approvals })
    },
  })

  /** Calls as somebody; `old`: who has not proven themselves for a while. */
  async function call(by: Member, method: "GET" | "POST", url: string, body?: object, old = false) {
    const answer = await app.inject(
      compact({
        method,
        url,
        headers: compact({
          host: "localhost",
          "x-person": by.id,
          "x-old": old ? "1" : undefined,
        }),
        payload: body,
      }),
    )
    return { status: answer.statusCode, body: answer.json() }
  }

  return {
    staff,
    clock,
    dir,
    deps,
    live,
    policies,
    queued,
    file,
    app,
    call,
    writePolicy,
    shared,
    digests: toKeyedDigest(randomBytes(32)),
    addMember: async (...roles: readonly Role[]) => {
      const member = await addMember(staff, ...roles)
      members.set(member.id, member)
      return member
    },
    /** Keeps a version. Returns its digest. */
    keep: async (by: Member, text: string) => {
      const { status, body } = await call(by, "POST", "/v1/policies", { text })
      if (status !== 201) throw new Error(`not kept: ${JSON.stringify(body)}`)
      return digestOf({ text })
    },
    /** Requests and approves. */
    activate: async (first: Member, second: Member, digest: string, how: "activate" | "rollback" = "activate") => {
      const asked = await call(first, "POST", `/v1/policies/${digest}/${how}`)
      if (asked.status !== 202) return asked
      return call(second, "POST", `/v1/approvals/${asked.body.approvalId}/approve`)
    },
    takeFile: () => ingestPolicyFileJob(deps).run({}, new AbortController().signal),
    tryJob: tryPolicyJob(deps),
    eventsOf: async (digest: string) =>
      (await readEvents(kysely, { subject: subjectOf(digest) })).map(({ type }) => type),
    change: <Result>(work: Parameters<typeof transact<Result>>[2]) => transact(shared, "system-test", work),
    close: async () => {
      await live.close()
      await app.close()
      await staff.app.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

export type PolicySite = Awaited<ReturnType<typeof openPolicySite>>
