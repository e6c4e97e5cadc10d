import { ROLES, SCOPES } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { PersonActor, PersonId, Role } from "../../../src/platform/auth/actor.ts"
import {
  can,
  incompatibleWith,
  NEEDS_TRAINING,
  PERMISSIONS,
  type Permission,
} from "../../../src/platform/auth/permissions.ts"

const permissions = Object.keys(PERMISSIONS) as Permission[]
const person = (roles: readonly Role[], lapsed = false): PersonActor => ({
  kind: "person",
  id: "person-1" as PersonId,
  roles: new Set(roles),
  session: "session-1",
  steppedUpUntil: undefined,
  ...compact({ trainingLapsed: lapsed ? (true as const) : undefined }),
})

/** Permissions over cases, findings and evidence. */
const OF_CASES = permissions.filter((name) => /^(case|look|exposure|report|preservation|evidence|request):/.test(name))

/** Roles that the service can come to give one person: each grant is checked against those held. */
const granted = fc.array(fc.constantFrom(...ROLES), { maxLength: 12 }).map((asked) => {
  const held: Role[] = []
  for (const role of asked) if (!held.includes(role) && incompatibleWith(held, role) === undefined) held.push(role)
  return held
})

describe("the table of permissions", () => {
  it("names permissions of cases", () => {
    expect(OF_CASES.length).toBeGreaterThan(15)
  })

  it("gives an administrator nothing of a case or of evidence, whatever else they may hold", () => {
    fc.assert(
      fc.property(granted, (roles) => {
        fc.pre(roles.includes("administrator"))
        expect(OF_CASES.filter((permission) => can(person(roles), permission))).toEqual([])
      }),
    )
  })

  it("gives nobody who decides, reports or opens access to the staff list, keys or sources", () => {
    const managing = permissions.filter((name) => /^(person|key|source|operations):manage$/.test(name))
    expect(managing).toHaveLength(4)
    fc.assert(
      fc.property(granted, (roles) => {
        fc.pre(
          ["case:review", "report:prepare", "evidence:export"].some((name) => can(person(roles), name as Permission)),
        )
        expect(managing.filter((permission) => can(person(roles), permission))).toEqual([])
      }),
    )
  })

  it("gives a person without a role what is their own, and nothing else", () => {
    expect(permissions.filter((permission) => can(person([]), permission))).toEqual(["self:read"])
  })

  it("gives a key what its scopes say, and never what is a person's", () => {
    const service = {
      kind: "service",
      id: "key-1",
      scopes: new Set(SCOPES),
      source: "lab",
      callsPerMinute: 1_200,
    } as const
    const held = permissions.filter((permission) => can(service, permission))
    expect(held.toSorted()).toEqual(["finding:push", "item:screen"])
    const none = { ...service, scopes: new Set<never>() }
    expect(permissions.filter((permission) => can(none, permission))).toEqual([])
  })

  it("gives the system nothing: it never comes by a route", () => {
    expect(permissions.filter((permission) => can({ kind: "system", id: "system-x" }, permission))).toEqual([])
  })

  it("denies only decisions and viewings to people whose training lapsed", () => {
    fc.assert(
      fc.property(granted, (roles) => {
        const before = permissions.filter((permission) => can(person(roles), permission))
        const after = permissions.filter((permission) => can(person(roles, true), permission))
        expect(after).toEqual(before.filter((permission) => !NEEDS_TRAINING.includes(permission)))
      }),
    )
  })

  it("names every kind of holder", () => {
    const known: readonly string[] = [...ROLES, ...SCOPES, "person"]
    expect(
      Object.values(PERMISSIONS)
        .flat()
        .filter((holder) => !known.includes(holder)),
    ).toEqual([])
  })
})
