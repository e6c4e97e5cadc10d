/**
 * The people of a demonstration.
 * @module
 */
import type { CustodianRole } from "@nightlight/contract/custodian"
import type { DemoPerson } from "../folder.ts"

/** Custodian roles by role. Everybody who requests or approves anything has a signing key. */
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

/** Custodian role of a role; `undefined` for roles that sign nothing. */
export function custodianRole(role: string): CustodianRole | undefined {
  return CUSTODIAN_ROLES[role as Role]
}

/** A person to invite. */
export type Invitee = Pick<DemoPerson, "name" | "email" | "role">

/** Makes a person named after their job, with an address made from the name. */
function invitee(name: string, role: Role): Invitee {
  return { name, role, email: `${name.toLowerCase().replaceAll(" ", ".")}@example.org` }
}

/** The two administrators who set up the installation. */
export const ADMINISTRATORS = [
  invitee("Administrator One", "administrator"),
  invitee("Administrator Two", "administrator"),
] as const

/** How many of {@link PEOPLE} worked before the day began: the first ones. Their signing keys are not kept. */
export const NIGHT_SHIFT = 4

/**
 * Everybody else. Their order decides who invites whom: people who approve each other's work must have been invited by
 * different administrators.
 */
export const PEOPLE: readonly Invitee[] = [
  invitee("Night Shift Reviewer", "reviewer"),
  invitee("Early Shift Reviewer", "reviewer"),
  invitee("Night Shift Reporter", "reporter"),
  invitee("Night Shift Counsel", "counsel"),
  invitee("Reviewer One", "reviewer"),
  invitee("Reviewer Two", "reviewer"),
  invitee("Senior Reviewer", "senior-reviewer"),
  invitee("Reporter", "reporter"),
  invitee("Counsel", "counsel"),
  invitee("Custodian", "custodian"),
  invitee("Auditor", "auditor"),
  invitee("Policy Editor", "policy-editor"),
]
