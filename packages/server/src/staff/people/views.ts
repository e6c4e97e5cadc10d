import type { LinkAnswer, PersonView } from "@nightlight/contract/server"
import { compact } from "@nightlight/core"
import type { StaffMember } from "./service.ts"
import type { TrainingDates } from "./types.ts"

/** A person, as the API shows them. */
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

/** A training, as the API shows it. */
export function toTraining(
  { trainedAt, renewsAt }: TrainingDates,
  current: boolean,
): { trainedAt: string; renewsAt: string; current: boolean } {
  return { trainedAt: trainedAt.toISOString(), renewsAt: renewsAt.toISOString(), current }
}

/** A link as the API shows it, once. */
export function toLinkAnswer(link: {
  readonly personId: string
  readonly url: string
  readonly expiresAt: Date
}): LinkAnswer {
  return { personId: link.personId, url: link.url, expiresAt: link.expiresAt.toISOString() }
}
