/**
 * Routes of policies.
 * @module
 */

import { Sha256Hex } from "@nightlight/contract"
import {
  MAX_POLICY_TESTS,
  MAX_POLICY_TEXT,
  PolicyApprovalAnswer,
  PolicyBody,
  PolicyCheck,
  PolicyDetail,
  PolicyList,
  PolicyRules,
  PolicySummary,
  ShadowView,
  TrialBody,
  TrialList,
  TrialView,
} from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { FastifyInstance } from "fastify"
import type { Transaction } from "kysely"
import { z } from "zod"
import type { Actor } from "../../platform/auth/actor.ts"
import { can, type Permission } from "../../platform/auth/permissions.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, type ObjectCheck, personOf } from "../../platform/http/route.ts"
import type { Approvals } from "../../staff/approvals/service.ts"
import {
  ACTIVATE_APPROVAL,
  type PolicyApprovalPayload,
  ROLL_BACK_APPROVAL,
  requestedActivation,
  requestedRollBack,
} from "./approvals.ts"
import type { Policies } from "./service.ts"
import type { PolicyText } from "./types.ts"
import { toCheck, toDetail, toList, toRules, toShadow, toSummary, toTrial } from "./views.ts"

/** Dependencies of {@link policyRoutes}. */
export interface PolicyRouteDeps extends TransactDeps {
  readonly policies: Policies
  readonly approvals: Pick<Approvals, "request">
}

const Params = z.strictObject({ digest: Sha256Hex })
const TrialParams = Params.extend({ trialId: z.string().max(80) })
/** JSON takes six bytes for a character at most, and people's text one or two. */
const BODY_LIMIT_BYTES = 2 * (MAX_POLICY_TEXT + MAX_POLICY_TESTS)

/** Registers the routes under `/v1/policies`. Activation and roll-back are requests that a second person approves. */
export function policyRoutes(app: FastifyInstance, deps: PolicyRouteDeps): void {
  const { policies, approvals } = deps
  const needs = (permission: Permission) => ({ kind: "permission", permission }) as const
  const kept: ObjectCheck<{ readonly digest: string }> = {
    kind: "check",
    allows: (_actor, { digest }) => policies.has(digest),
  }
  const none = { kind: "none", because: "everybody with the permission may read all versions" } as const
  const reads = (actor: Actor) => can(actor, "case:read")
  const pathOf = (path: string) => `/v1/policies/:digest${path}`

  addRoute(app, {
    method: "GET",
    url: "/v1/policies",
    access: needs("policy:read"),
    object: none,
    summary: "Lists the versions of the policy, newest first, and the state of the workspace's file",
    reply: PolicyList,
    handle: async () => toList(await policies.overview()),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/policies/rules",
    access: needs("case:read"),
    object: none,
    summary: "Describes each rule of the active version, for those who read its decisions",
    reply: PolicyRules,
    handle: async () => {
      const { active } = await policies.overview()
      return active === undefined ? { rules: [] } : toRules(await policies.get(active))
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/policies",
    access: needs("policy:edit"),
    object: none,
    summary: "Stores a version as a draft, if it loads and its tests pass",
    body: PolicyBody,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    reply: PolicySummary,
    status: 201,
    handle: async ({ actor, body }) => toSummary(await policies.keep(personOf(actor), toPolicyText(body))),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/policies/check",
    access: needs("policy:edit"),
    object: none,
    summary: "Lists all problems of a text, by line and column, without storing it",
    body: PolicyBody,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    reply: PolicyCheck,
    handle: async ({ body }) => toCheck(toPolicyText(body), policies.check(toPolicyText(body))),
  })
  addRoute(app, {
    method: "GET",
    url: pathOf(""),
    access: needs("policy:read"),
    object: kept,
    params: Params,
    summary: "Reads one version: its text, its rules, the results of its tests, and when it was active",
    reply: PolicyDetail,
    handle: async ({ params }) => toDetail(await policies.get(params.digest)),
  })
  addRoute(app, {
    method: "POST",
    url: pathOf("/try"),
    access: needs("policy:read"),
    object: kept,
    params: Params,
    summary: "Starts a trial: decides stored past findings again, and counts what would change",
    body: TrialBody,
    reply: TrialView,
    handle: async ({ actor, params, body }) => {
      const period = { from: new Date(body.from), to: new Date(body.to) }
      return toTrial(await policies.try(personOf(actor), params.digest, period), reads(actor))
    },
  })
  addRoute(app, {
    method: "GET",
    url: pathOf("/trials"),
    access: needs("policy:read"),
    object: kept,
    params: Params,
    summary: "Lists the trials of a version, newest first",
    reply: TrialList,
    handle: async ({ params }) => ({
      trials: (await policies.trials(params.digest)).map((trial) => toTrial(trial, false)),
    }),
  })
  addRoute(app, {
    method: "GET",
    url: pathOf("/trials/:trialId"),
    access: needs("policy:read"),
    object: kept,
    params: TrialParams,
    summary: "Reads the progress and the results of a trial",
    reply: TrialView,
    handle: async ({ actor, params }) => toTrial(await policies.trial(params.digest, params.trialId), reads(actor)),
  })
  addRoute(app, {
    method: "GET",
    url: pathOf("/shadow"),
    access: needs("policy:read"),
    object: kept,
    params: Params,
    summary: "Counts what a version decided in shadow",
    reply: ShadowView,
    handle: async ({ params }) => toShadow(await policies.shadowRuns(params.digest)),
  })
  addRoute(app, {
    method: "POST",
    url: pathOf("/shadow"),
    access: needs("policy:edit"),
    object: kept,
    params: Params,
    summary: "Starts a version's run in shadow: its decisions are counted and have no effect",
    reply: ShadowView,
    handle: async ({ actor, params }) => toShadow(await policies.startShadow(personOf(actor), params.digest)),
  })
  addRoute(app, {
    method: "POST",
    url: pathOf("/shadow/end"),
    access: needs("policy:edit"),
    object: kept,
    params: Params,
    summary: "Ends a version's run in shadow",
    reply: ShadowView,
    handle: async ({ actor, params }) => toShadow(await policies.stopShadow(personOf(actor), params.digest)),
  })

  const requesting = { kind: "permission", permission: "policy:activate", stepUp: true } as const
  const requestApproval = (actor: Actor, kind: string, made: RequestedApproval, digest: string) =>
    transact(deps, actor.id, async (tx) => {
      const { subject, payload } = await made(tx.trx, digest)
      const { id, expiresAt } = await approvals.request(tx, personOf(actor), kind, subject, payload)
      return { approvalId: id, expiresAt: expiresAt.toISOString() }
    })
  addRoute(app, {
    method: "POST",
    url: pathOf("/activate"),
    access: requesting,
    object: kept,
    params: Params,
    summary: "Requests to make a version active; a second person approves it",
    reply: PolicyApprovalAnswer,
    status: 202,
    handle: ({ actor, params }) => requestApproval(actor, ACTIVATE_APPROVAL, requestedActivation, params.digest),
  })
  addRoute(app, {
    method: "POST",
    url: pathOf("/rollback"),
    access: requesting,
    object: kept,
    params: Params,
    summary: "Requests to make the version active again that the active one replaced; a second person approves it",
    reply: PolicyApprovalAnswer,
    status: 202,
    handle: ({ actor, params }) => requestApproval(actor, ROLL_BACK_APPROVAL, requestedRollBack, params.digest),
  })
}

type RequestedApproval = (
  trx: Transaction<Tables>,
  digest: string,
) => Promise<{ readonly subject: string; readonly payload: PolicyApprovalPayload }>

function toPolicyText({ text, tests }: z.output<typeof PolicyBody>): PolicyText {
  return compact({ text, testsText: tests })
}
