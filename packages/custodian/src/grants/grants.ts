/**
 * Uses grants: verified, counted, and durable in the journal before anything is done.
 * @module
 */
import type { AutomaticFilingGrant, ProvenGrant } from "@nightlight/contract/custodian"
import type { AuditInput } from "@nightlight/vault/audit"
import type { CustodianConfig } from "../config.ts"
import type { FilingAuthorisations } from "../filing-authorisations/authorisations.ts"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import type { People } from "../people/enrolments.ts"
import type { Signatures, VerifiedSignature } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"
import type { GrantBook } from "./grant-book.ts"
import { assertPurpose, digestOfGrant, type Purpose, verifyGrant } from "./verify.ts"

/** Verifies and uses grants. */
export interface Grants {
  /** Checks proofs, people, roles and times of a grant, used or not. */
  verify(proven: ProvenGrant, ...purposes: readonly Purpose[]): void
  /** As {@link verify}, for a used grant, which the caps have counted. */
  verifyUsed(proven: ProvenGrant, ...purposes: readonly Purpose[]): void
  /**
   * Verifies a grant and uses it up; when this returns, that is on disk.
   *
   * @param before - Events that the use relies on, recorded before it.
   * @throws {RequestError} as `refusal`: `replayed`, `hourly-cap` and those of `verifyGrant`.
   */
  use(proven: ProvenGrant, purposes: readonly Purpose[], before?: readonly AuditInput[]): Promise<void>
  /**
   * Refuses when the hourly limit of intakes is reached.
   *
   * @param underWay - Intakes that are not counted yet.
   */
  assertIntakeFree(underWay: number): void
  /** Refuses when the hourly limit of destructions of what reviews cleared is reached. */
  assertClearingFree(): void
}

/** Dependencies of {@link createGrants}. */
export interface GrantsOptions {
  readonly config: Pick<CustodianConfig, "caps" | "singlePersonFiling">
  readonly journal: Journal
  readonly book: GrantBook
  readonly people: People
  readonly signatures: Signatures
  readonly authorisations: Pick<FilingAuthorisations, "assertAuthorised">
}

/** Verifies and uses grants, one at a time, so that a grant is used once and an hourly cap is not passed. */
export function createGrants(options: GrantsOptions): Grants {
  const { config, journal, book, people, signatures, authorisations } = options
  // One at a time: of two calls with one grant, or at the limit of a cap, the second sees the first one's result.
  const serial = createSerial()

  function verifyAs(isUsed: boolean, proven: ProvenGrant, purposes: readonly Purpose[]): readonly VerifiedSignature[] {
    assertPurpose(proven.grant, ...purposes)
    const { singlePersonFiling } = config
    const findPerson = (person: string) => people.find(person)
    const assertAuthorised = (grant: AutomaticFilingGrant) => authorisations.assertAuthorised(grant, isUsed)
    return verifyGrant(proven, {
      findPerson,
      signatures,
      now: journal.clock.now(),
      singlePersonFiling,
      assertAuthorised,
    })
  }

  function assertFree(proven: ProvenGrant): void {
    const { grant } = proven
    if (book.find(grant.grantId) !== undefined) {
      throw refusal("replayed", "this grant was already used", { grantId: grant.grantId })
    }
    const caps = config.caps[grant.purpose === "automatic-filing" ? "filing" : grant.purpose]
    const count = book.count(grant.purpose, countedFor(proven), journal.clock.now())
    if (count.person >= caps.perPerson || count.total >= caps.total) {
      throw refusal("hourly-cap", "the hourly limit for this is reached", {
        grantId: grant.grantId,
        inHour: count.total,
      })
    }
  }

  return {
    verify: (proven, ...purposes) => void verifyAs(false, proven, purposes),
    verifyUsed: (proven, ...purposes) => void verifyAs(true, proven, purposes),
    use: (proven, purposes, before = []) =>
      serial.run(async () => {
        const { grant } = proven
        const verified = verifyAs(false, proven, purposes)
        assertFree(proven)
        const provenBy = verified.map(({ person }) => person)
        const by = verified.map((signature) => signature.by)
        const data = { ...dataOf(proven), grantSha256: digestOfGrant(grant), provenBy, by }
        const passkeys = verified.flatMap(({ events }) => events)
        await journal.recordAll([...before, ...passkeys, { type: "grant.used", actor: countedFor(proven), data }])
      }),
    assertIntakeFree(underWay) {
      const { total } = book.count("intake", "", journal.clock.now())
      if (total + underWay >= config.caps.intake.total)
        throw refusal("hourly-cap", "the hourly limit of intakes is reached")
    },
    assertClearingFree() {
      const { total } = book.count("clearing", "", journal.clock.now())
      if (total >= config.caps.clearing.total) throw refusal("hourly-cap", "the hourly limit for this is reached")
    },
  }
}

/** Who a grant is counted for: the viewer, the approver, or the filing authorisation. */
function countedFor({ grant, proofs }: ProvenGrant): string {
  if (grant.purpose === "automatic-filing") return grant.authorisationId
  if (grant.purpose === "derivative" || grant.purpose === "original") return grant.person
  const first = grant.purpose === "filing" ? grant.preparedBy : grant.requestedBy
  return proofs.find(({ person }) => person !== first)?.person ?? first
}

function dataOf(proven: ProvenGrant) {
  const { grant } = proven
  const { grantId, caseId, purpose, expiresAt } = grant
  const shared = { grantId, caseId, purpose, expiresAt, person: countedFor(proven) }
  if (grant.purpose === "automatic-filing") {
    const { authorisationId, reportId, environment, documentSha256, files, lists } = grant
    return { ...shared, authorisationId, reportId, environment, documentSha256, files: files.length, lists }
  }
  if (grant.purpose === "destroy") {
    const { basis, request, evidence, requestedBy } = grant
    return { ...shared, basis, requestedBy, pieces: evidence.length, ...request }
  }
  if (grant.purpose === "disclose") {
    const { request, kind, handover, evidence, requestedBy } = grant
    return { ...shared, ...request, kind, handover, requestedBy, pieces: evidence.length }
  }
  if (grant.purpose !== "filing") return { ...shared, reason: grant.reason, ...grant.evidence }
  const { reportId, environment, documentSha256, preparedBy, singlePerson, files } = grant
  return { ...shared, reportId, environment, documentSha256, preparedBy, singlePerson, files: files.length }
}
