/**
 * The people of a demonstration.
 * @module
 */
import type { CustodianRole } from "@nightlight/contract/custodian"

/** What the custodian knows people of a role as: whoever requests or approves anything brings a key. */
const CUSTODIAN_ROLES = {
  administrator: "approver",
  reviewer: "reviewer",
  "senior-reviewer": "senior-reviewer",
  reporter: "reporter",
  counsel: "counsel",
  custodian: "custodian",
  auditor: undefined,
  "policy-editor": "approver",
} as const satisfies Readonly<Record<string, CustodianRole | undefined>>

type Role = keyof typeof CUSTODIAN_ROLES

/** What the custodian knows people of a role as; `undefined` where they sign nothing. */
export function custodianRole(role: string): CustodianRole | undefined {
  return CUSTODIAN_ROLES[role as Role]
}

/** Somebody to be invited. */
export interface Invitee {
  readonly name: string
  readonly email: string
  readonly role: Role
}

/** Somebody by the name of what they do; the address follows from it. */
function invitee(name: string, role: Role): Invitee {
  return { name, role, email: `${name.toLowerCase().replaceAll(" ", ".")}@example.org` }
}

/** The two who set the installation up. */
export const ADMINISTRATORS = [
  invitee("Administrator One", "administrator"),
  invitee("Administrator Two", "administrator"),
] as const

/** Those who worked before the day began: a reviewer and their second, a reporter and the counsel who approves. */
export const NIGHT_SHIFT = [
  invitee("Night Shift Reviewer", "reviewer"),
  invitee("Early Shift Reviewer", "reviewer"),
  invitee("Night Shift Reporter", "reporter"),
  invitee("Night Shift Counsel", "counsel"),
] as const

/** Those whom the reader plays. Their order decides who invites whom: two people who approve each other's work differ in it. */
export const DAY_SHIFT = [
  invitee("Reviewer One", "reviewer"),
  invitee("Reviewer Two", "reviewer"),
  invitee("Senior Reviewer", "senior-reviewer"),
  invitee("Reporter", "reporter"),
  invitee("Counsel", "counsel"),
  invitee("Custodian", "custodian"),
  invitee("Auditor", "auditor"),
  invitee("Policy Editor", "policy-editor"),
] as const
