/**
 * Who may do what: the one table. A route names a permission; nothing else in the code asks for a role.
 * @module
 */
import type { Actor, Role, Scope } from "./actor.ts"

/** Roles and scopes that hold each permission. An administrator runs the installation and sees no case. */
export const PERMISSIONS = {
  "self:read": [
    "reviewer",
    "senior-reviewer",
    "reporter",
    "custodian",
    "policy-editor",
    "counsel",
    "auditor",
    "administrator",
  ],
  "finding:push": ["findings:push"],
  "item:screen": ["screen"],
  "source:manage": ["administrator"],
  "source:read": ["administrator", "auditor", "counsel"],
  "person:manage": ["administrator"],
  "person:read": ["administrator", "auditor", "counsel"],
  "key:manage": ["administrator"],
  "act:read": ["senior-reviewer", "reporter", "custodian", "policy-editor", "counsel", "auditor", "administrator"],
  "act:second": ["senior-reviewer", "reporter", "custodian", "policy-editor", "counsel", "administrator"],
  "case:read": ["reviewer", "senior-reviewer", "reporter", "counsel", "auditor"],
  "case:review": ["reviewer", "senior-reviewer"],
  "case:second-review": ["senior-reviewer"],
  "case:context": ["reviewer", "senior-reviewer", "reporter", "counsel"],
  "look:derivative": ["reviewer", "senior-reviewer"],
  "look:original": ["senior-reviewer"],
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
  "list:read": ["policy-editor", "senior-reviewer", "counsel", "auditor", "administrator"],
  "policy:read": ["policy-editor", "senior-reviewer", "counsel", "auditor"],
  "operations:read": ["administrator", "auditor"],
  "operations:manage": ["administrator"],
} as const satisfies Readonly<Record<string, readonly (Role | Scope)[]>>

/** Name of one permission. */
export type Permission = keyof typeof PERMISSIONS

/** Whether somebody holds a permission. The system itself never comes by a route and holds none. */
export function can(actor: Actor, permission: Permission): boolean {
  const holders: readonly (Role | Scope)[] = PERMISSIONS[permission]
  if (actor.kind === "person") return holders.some((holder) => actor.roles.has(holder as Role))
  return actor.kind === "service" && holders.some((holder) => actor.scopes.has(holder as Scope))
}

/** Pairs of roles that one person may not hold together: who runs the installation does not judge or open. */
export const INCOMPATIBLE_ROLES: readonly (readonly [Role, Role])[] = [
  ["administrator", "reviewer"],
  ["administrator", "senior-reviewer"],
  ["administrator", "custodian"],
  ["auditor", "reporter"],
]
