/**
 * The status of a person's account: here, invited, gone; trained or not.
 * @module
 */
import type { Person } from "../queries.ts"

/** How long before its end a training is to be renewed, ms. */
export const SOON_MS = 30 * 86_400_000

/** Whether somebody looks or decides, and so must be trained. */
export const mustBeTrained = ({ roles }: Person): boolean =>
  roles.some(({ role }) => role === "reviewer" || role === "senior-reviewer")

/** Whether somebody works here now. */
export const isHere = ({ joinedAt, deactivatedAt }: Person): boolean =>
  joinedAt !== undefined && deactivatedAt === undefined

/** Whether the link was made and nobody has used it. */
export const isInvited = ({ joinedAt, deactivatedAt }: Person): boolean =>
  joinedAt === undefined && deactivatedAt === undefined
