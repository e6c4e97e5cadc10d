/**
 * The status of a person's account: invited, active or deactivated, and whether they must be trained.
 * @module
 */
import type { Person } from "../queries.ts"

/** Training is shown as expiring from this long before its end, ms. */
export const SOON_MS = 30 * 86_400_000

/** Whether the person's roles include viewing or deciding, which need training. */
export const mustBeTrained = ({ roles }: Person): boolean =>
  roles.some(({ role }) => role === "reviewer" || role === "senior-reviewer")

/** Whether the account is active. */
export const isActive = ({ joinedAt, deactivatedAt }: Person): boolean =>
  joinedAt !== undefined && deactivatedAt === undefined

/** Whether the person was invited and has not joined. */
export const isInvited = ({ joinedAt, deactivatedAt }: Person): boolean =>
  joinedAt === undefined && deactivatedAt === undefined
