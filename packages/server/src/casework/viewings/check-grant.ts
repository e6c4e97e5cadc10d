/**
 * Checks whether a grant fits this viewing. The custodian checks it again, against what it knows itself.
 * @module
 */
import type { DerivativeGrant, OriginalGrant, ProvenGrant } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { PersonActor } from "../../platform/auth/actor.ts"
import { can } from "../../platform/auth/permissions.ts"
import type { CaseItem } from "../cases/types.ts"

/** A grant for a viewing, with the person who proved it besides the viewer. */
export interface ViewingGrant {
  readonly grantId: string
  readonly purpose: "derivative" | "original"
  readonly reason: string
  readonly evidenceId: string
  /** For an original: the second person. */
  readonly second: string | undefined
}

/** Viewer, item and time, against which a grant is checked. */
export interface ViewingFacts {
  readonly person: PersonActor
  readonly item: CaseItem
  readonly now: Date
}

/**
 * Checks that a grant is for this person, case and piece of evidence, and is still valid.
 *
 * @throws {RequestError} `input_invalid`; `state_conflict` if there is no content to view.
 */
export function assertGrantFits(
  grant: DerivativeGrant | OriginalGrant,
  { person, item: caseItem, now }: ViewingFacts,
): void {
  const { evidence } = caseItem
  if (evidence?.content !== "verified") {
    throw new RequestError("state_conflict", "this item has no content to view")
  }
  const fits =
    grant.caseId === caseItem.caseId &&
    grant.person === person.id &&
    grant.evidence.evidenceId === evidence.evidenceId &&
    grant.evidence.ciphertextSha256 === evidence.ciphertextSha256
  if (!fits) throw new RequestError("input_invalid", "this grant is for another person, case or piece of evidence")
  if (Date.parse(grant.expiresAt) <= now.getTime()) throw new RequestError("input_invalid", "this grant has expired")
}

/**
 * Checks a grant against the person, the case and the item that it is used for.
 *
 * @throws {RequestError} `input_invalid` if it is for something else or has expired; `forbidden` if the person may not
 *   view originals; `second_person_required` if an original lacks its second proof; `state_conflict` if there is no
 *   content to view.
 */
export function checkViewingGrant({ grant, proofs }: ProvenGrant, facts: ViewingFacts): ViewingGrant {
  const { person } = facts
  if (grant.purpose !== "derivative" && grant.purpose !== "original") {
    throw new RequestError("input_invalid", "this grant is not for a viewing")
  }
  assertGrantFits(grant, facts)
  if (!proofs.some((proof) => proof.person === person.id)) {
    throw new RequestError("input_invalid", "the viewer must have proven the grant")
  }
  const { grantId, purpose, reason, evidence } = grant
  const second = proofs.find((proof) => proof.person !== person.id)?.person
  if (purpose === "original") {
    if (!can(person, "viewing:original"))
      throw new RequestError("forbidden", "only a senior reviewer may view originals")
    if (second === undefined) throw new RequestError("second_person_required", "an original needs a second person")
  }
  return { grantId, purpose, reason, evidenceId: evidence.evidenceId, second }
}
