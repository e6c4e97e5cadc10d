/**
 * Routes of the staff list: people, their roles and their training.
 * @module
 */
import {
  ApprovalView,
  PeopleCounts,
  PeopleList,
  PeopleNames,
  PersonView,
  RoleBody,
  RoleName,
  TrainingBody,
} from "@nightlight/contract/server"
import type { FastifyInstance } from "fastify"
import { z } from "zod"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"
import { addRoute, personOf } from "../../platform/http/route.ts"
import { toApprovalView } from "../approvals/routes.ts"
import type { Approvals } from "../approvals/service.ts"
import { countPeople } from "./counts.ts"
import type { People } from "./service.ts"
import { toPersonView } from "./views.ts"

/** Dependencies of {@link peopleRoutes}. */
export interface PeopleRoutesDeps extends TransactDeps {
  readonly people: People
  readonly approvals: Approvals
}

const PersonParams = z.strictObject({ personId: z.string().max(80) })
const RoleParams = z.strictObject({ personId: z.string().max(80), role: RoleName })
const ALL = { kind: "none", because: "the staff list belongs to the installation" } as const
const READ = { kind: "permission", permission: "person:read" } as const
const MANAGE = { kind: "permission", permission: "person:manage", stepUp: true } as const

/**
 * Registers the routes under `/v1/people`: reading needs `person:read`, changes `person:manage`; names are for
 * everybody.
 */
export function peopleRoutes(app: FastifyInstance, { people, approvals, ...deps }: PeopleRoutesDeps): void {
  addRoute(app, {
    method: "GET",
    url: "/v1/people",
    summary: "Lists everybody who works here or did, in the order in which they were added",
    access: READ,
    object: ALL,
    reply: PeopleList,
    handle: async () => ({ people: (await people.roster()).map(toPersonView) }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/people/names",
    summary: "Lists colleagues' names by id",
    access: { kind: "permission", permission: "self:read" },
    object: ALL,
    reply: PeopleNames,
    handle: async () => ({ people: (await people.roster()).map(({ id, name }) => ({ id, name })) }),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/people/counts",
    summary: "Counts reviewers by training and people by role, without names",
    access: READ,
    object: ALL,
    reply: PeopleCounts,
    handle: async () => countPeople(await people.roster(), deps.clock.now()),
  })
  addRoute(app, {
    method: "GET",
    url: "/v1/people/:personId",
    summary: "One person",
    access: READ,
    object: ALL,
    params: PersonParams,
    reply: PersonView,
    handle: async ({ params }) => toPersonView(await people.get(params.personId)),
  })
  addRoute(app, {
    method: "PUT",
    url: "/v1/people/:personId/training",
    summary: "Records when a person was trained; a training is valid for twelve months",
    access: MANAGE,
    object: ALL,
    params: PersonParams,
    body: TrainingBody,
    reply: PersonView,
    handle: async ({ actor, params, body }) =>
      toPersonView(await people.recordTraining(personOf(actor), params.personId, new Date(body.trainedAt))),
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/people/:personId/roles",
    summary: "Requests a role for a person; another administrator approves it",
    access: MANAGE,
    object: ALL,
    params: PersonParams,
    body: RoleBody,
    reply: ApprovalView,
    status: 202,
    handle: async ({ actor, params, body }) => {
      const approval = await transact(deps, actor.id, (tx) =>
        approvals.request(tx, personOf(actor), "role.grant", params.personId, body),
      )
      return toApprovalView(approval, false)
    },
  })
  addRoute(app, {
    method: "DELETE",
    url: "/v1/people/:personId/roles/:role",
    summary: "Removes a role, at once",
    access: MANAGE,
    object: ALL,
    params: RoleParams,
    reply: PersonView,
    handle: async ({ actor, params }) => {
      await people.removeRole(personOf(actor), params.personId, params.role)
      return toPersonView(await people.get(params.personId))
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/people/:personId/deactivate",
    summary: "Deactivates a person, at once and for good",
    access: MANAGE,
    object: ALL,
    params: PersonParams,
    reply: PersonView,
    handle: async ({ actor, params }) => {
      await people.deactivate(personOf(actor), params.personId)
      return toPersonView(await people.get(params.personId))
    },
  })
  addRoute(app, {
    method: "POST",
    url: "/v1/people/:personId/reset",
    summary: "Requests a reset of a person's credentials; another administrator approves it and is shown the link",
    access: MANAGE,
    object: ALL,
    params: PersonParams,
    reply: ApprovalView,
    status: 202,
    handle: async ({ actor, params }) => {
      const approval = await transact(deps, actor.id, (tx) =>
        approvals.request(tx, personOf(actor), "credentials.reset", params.personId, {}),
      )
      return toApprovalView(approval, false)
    },
  })
}
