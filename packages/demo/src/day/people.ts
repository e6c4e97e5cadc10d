/**
 * The people of a demonstration.
 * @module
 */
import type { CustodianRole } from "@nightlight/contract/custodian"
import type { DemoPerson } from "../folder.ts"

/** Custodian roles by role. Everybody who requests or approves anything has a signing key. */
const CUSTODIAN_ROLES: Readonly<Record<string, CustodianRole>> = {
  administrator: "approver",
  reviewer: "reviewer",
  "senior-reviewer": "senior-reviewer",
  reporter: "reporter",
  counsel: "counsel",
  custodian: "custodian",
  "policy-editor": "approver",
}

/** Custodian role of a role; `undefined` for roles that sign nothing. */
export function custodianRole(role: string): CustodianRole | undefined {
  return CUSTODIAN_ROLES[role]
}

/** A person to invite. */
export type Invitee = Pick<DemoPerson, "name" | "email" | "role">

/** Makes a person named after their job, with an address made from the name. */
function invitee(
  name: string,
  role = name
    .replace(/ (One|Two)$/, "")
    .toLowerCase()
    .replaceAll(" ", "-"),
): Invitee {
  return { name, role, email: `${name.toLowerCase().replaceAll(" ", ".")}@example.org` }
}

/** The two administrators who set up the installation. */
export const ADMINISTRATORS = [invitee("Administrator One"), invitee("Administrator Two")] as const

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
  invitee("Reviewer One"),
  invitee("Reviewer Two"),
  invitee("Senior Reviewer"),
  invitee("Reporter"),
  invitee("Counsel"),
  invitee("Custodian"),
  invitee("Auditor"),
  invitee("Policy Editor"),
]
