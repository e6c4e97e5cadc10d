import type { LinkAnswer, PersonView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { StaffMember } from "./service.ts"
import type { TrainingDates } from "./types.ts"

/** Times are ISO 8601, absent for what has not happened. Nothing about the person's credentials is shown. */
export function toPersonView(person: StaffMember): PersonView {
  const { id, name, email, madeAt, madeBy, joinedAt, deactivatedAt, training, custodyKeyAt } = person
  return compact({
    id,
    name,
    email,
    madeBy,
    madeAt: madeAt.toISOString(),
    roles: person.roles.map(({ role, grantedAt, requestedBy, approvedBy }) => ({
      role,
      requestedBy,
      approvedBy,
      grantedAt: grantedAt.toISOString(),
    })),
    joinedAt: joinedAt?.toISOString(),
    deactivatedAt: deactivatedAt?.toISOString(),
    training: training === undefined ? undefined : toTraining(training, person.trained),
    custodyKeyAt: custodyKeyAt?.toISOString(),
  })
}

/** Times are ISO 8601. `current` is the caller's judgement, since it depends on the present time. */
export function toTraining(
  { trainedAt, renewsAt }: TrainingDates,
  current: boolean,
): { trainedAt: string; renewsAt: string; current: boolean } {
  return { trainedAt: trainedAt.toISOString(), renewsAt: renewsAt.toISOString(), current }
}

/** `url` holds the token, of which only a digest is stored: no later answer can show it. */
export function toLinkAnswer(link: {
  readonly personId: string
  readonly url: string
  readonly expiresAt: Date
}): LinkAnswer {
  return { personId: link.personId, url: link.url, expiresAt: link.expiresAt.toISOString() }
}
