/**
 * Who may do what: the only such table. A route names a permission; no other code checks a role.
 * @module
 */
import { ROLES } from "@nightlight/contract/server"
import type { Actor, Role, Scope } from "./actor.ts"

/**
 * Who may hold a permission: a role, a key's scope, or `person`: everybody who is signed in, with or without a role.
 */
type Holder = Role | Scope | "person"

/** Who holds each permission. An administrator runs the installation and sees no case. */
export const PERMISSIONS = {
  "self:read": ["person"],
  "finding:push": ["findings:push"],
  "item:screen": ["screen"],
  "source:manage": ["administrator"],
  /** Scans of sources and the state of guards: counts and codes. */
  "scan:read": ["senior-reviewer", "policy-editor", "counsel", "auditor", "administrator", "reporter"],
  "source:read": ["administrator", "auditor", "counsel"],
  "person:manage": ["administrator"],
  "person:read": ["administrator", "auditor", "counsel"],
  "key:manage": ["administrator"],
  "approval:read": ["senior-reviewer", "reporter", "custodian", "policy-editor", "counsel", "auditor", "administrator"],
  "approval:decide": ["senior-reviewer", "reporter", "custodian", "policy-editor", "counsel", "administrator"],
  "case:read": ["reviewer", "senior-reviewer", "reporter", "counsel", "auditor"],
  "case:review": ["reviewer", "senior-reviewer"],
  /** Second reviews, without seeing the first. */
  "case:second-review": ["reviewer", "senior-reviewer"],
  /** Resolving disagreements between two reviewers. */
  "case:resolve": ["senior-reviewer"],
  /** Making a first decision final when nobody is available for a second review. */
  "case:waive-second-review": ["counsel"],
  "case:context": ["reviewer", "senior-reviewer", "reporter", "counsel"],
  /** Reading the context of a case that one has not claimed. */
  "case:context-unclaimed": ["counsel"],
  /** Reading the context of a case that was decided as reportable. */
  "case:context-reportable": ["reporter"],
  /** How often two reviewers agree. */
  "review:read": ["senior-reviewer", "counsel", "auditor"],
  "viewing:derivative": ["reviewer", "senior-reviewer"],
  "viewing:original": ["senior-reviewer"],
  /** Proving the grant for somebody else's viewing of an original. */
  "viewing:approve": ["reviewer", "senior-reviewer"],
  "exposure:read": ["senior-reviewer", "counsel", "auditor"],
  "exposure:manage": ["counsel"],
  "report:read": ["reporter", "counsel", "auditor", "senior-reviewer"],
  "report:prepare": ["reporter"],
  "report:approve": ["reporter", "counsel"],
  "report:automate": ["counsel"],
  "preservation:read": ["counsel", "custodian", "auditor", "reporter"],
  "preservation:hold": ["counsel"],
  "evidence:destroy": ["counsel", "custodian"],
  "request:read": ["counsel", "custodian", "auditor"],
  "request:manage": ["counsel"],
  "evidence:export": ["counsel", "custodian"],
  "audit:read": ["auditor", "counsel"],
  /** Signing that checkpoints of the log continue from another event. */
  "audit:restart": ["counsel"],
  "list:read": ["policy-editor", "senior-reviewer", "counsel", "auditor", "administrator"],
  /** Reporting a match as a false positive, after judging it. */
  "false-positive:report": ["reviewer", "senior-reviewer"],
  "false-positive:read": ["reviewer", "senior-reviewer", "policy-editor", "counsel", "auditor"],
  /** Making a match a known false positive: two people with this permission. */
  "false-positive:suppress": ["policy-editor", "senior-reviewer"],
  "policy:read": ["policy-editor", "senior-reviewer", "counsel", "auditor"],
  /** Storing versions, and starting a shadow run. */
  "policy:edit": ["policy-editor"],
  /** Requesting to make a version active, or to roll back. */
  "policy:activate": ["policy-editor"],
  /** Approving that request. */
  "policy:approve": ["policy-editor", "counsel"],
  /** Reading and acknowledging alarms: codes and ids alone, for everybody who can act on one. */
  "alarm:read": ["reviewer", "senior-reviewer", "reporter", "counsel", "custodian", "auditor", "administrator"],
  "alarm:acknowledge": ["senior-reviewer", "reporter", "counsel", "custodian", "administrator"],
  "operations:read": ["administrator", "auditor"],
  "operations:manage": ["administrator"],
  /** State of the installation's parts: states and times, for everybody who works here. */
  "health:read": ROLES,
  /** Status of the commitments: counts and times, for everybody who works here. */
  "commitment:read": ROLES,
  /** Counts over time that name nobody. */
  "insights:read": ["senior-reviewer", "counsel", "auditor", "policy-editor"],
} as const satisfies Readonly<Record<string, readonly Holder[]>>

/** Name of a permission: `<noun>:<verb>`. */
export type Permission = keyof typeof PERMISSIONS

/** Permissions that also need a valid training: deciding and viewing. */
export const NEEDS_TRAINING: readonly Permission[] = [
  "case:review",
  "case:second-review",
  "viewing:derivative",
  "viewing:original",
  "viewing:approve",
]

/** Whether somebody holds a permission. The system itself never uses routes and holds none. */
export function can(actor: Actor, permission: Permission): boolean {
  const holders: readonly Holder[] = PERMISSIONS[permission]
  if (actor.kind === "person") {
    if (actor.trainingLapsed === true && NEEDS_TRAINING.includes(permission)) return false
    return holders.some((holder) => holder === "person" || actor.roles.has(holder as Role))
  }
  return actor.kind === "service" && holders.some((holder) => actor.scopes.has(holder as Scope))
}

/** Every permission that somebody holds now, in the table's order. */
export function permissionsOf(actor: Actor): readonly Permission[] {
  return (Object.keys(PERMISSIONS) as Permission[]).filter((permission) => can(actor, permission))
}

/**
 * Pairs of roles that one person may not hold together: an administrator neither judges, reports, opens nor audits; an
 * auditor does not report.
 */
export const INCOMPATIBLE_ROLES: readonly (readonly [Role, Role])[] = [
  ["administrator", "reviewer"],
  ["administrator", "senior-reviewer"],
  ["administrator", "reporter"],
  ["administrator", "custodian"],
  ["administrator", "counsel"],
  ["administrator", "auditor"],
  ["auditor", "reporter"],
]

/** Which held role excludes another one; `undefined` if none does. */
export function incompatibleWith(held: Iterable<Role>, role: Role): Role | undefined {
  for (const other of held) {
    const clash = INCOMPATIBLE_ROLES.some(([a, b]) => (a === role && b === other) || (b === role && a === other))
    if (clash) return other
  }
  return undefined
}
