/**
 * Filing authorisations: proven by counsel and a reporter, recorded in the journal, ended by either of them.
 * @module
 */

import {
  type AuthorisationEntry,
  type AuthorisationRevocation,
  type AuthorisationRevocationBody,
  type AutomaticFilingGrant,
  type CustodianRole,
  type FilingAuthorisation,
  type FilingTemplate,
  type GrantProof,
  MAX_AUTHORISATION_DAYS,
  type ProvenAuthorisation,
} from "@nightlight/contract/custodian"
import { type Clock, compact, DAY_MS } from "@nightlight/core"
import { canonicalDigest } from "@nightlight/durable"
import { jsonDigest } from "../filings/json-digest.ts"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { assertDistinctKeys } from "../people/distinct-keys.ts"
import type { People } from "../people/enrolments.ts"
import type { Signatures, VerifiedSignature } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"
import type { AuthorisationBook, KnownAuthorisation } from "./book.ts"
import type { ContentDigests, ListSnapshots } from "./list-snapshots.ts"
import { assertSigned } from "./template.ts"

/** Filing authorisations. Every method throws `RequestError` as `refusal`. */
export interface FilingAuthorisations {
  /** Records one in the journal. A second time changes nothing. */
  grant(proven: ProvenAuthorisation): Promise<AuthorisationEntry>
  /** Ends one at once and for good. An ended one stays ended. */
  revoke(body: AuthorisationRevocationBody): Promise<AuthorisationEntry>
  list(): readonly AuthorisationEntry[]
  /** Refuses a grant without a live filing authorisation or, unless it was used, one beyond the daily cap. */
  assertAuthorised(grant: AutomaticFilingGrant, isUsed: boolean): void
  /**
   * Returns the template if it is the one that the two people signed.
   *
   * @throws {RequestError} `forbidden` (`other-template`).
   */
  signedTemplate(authorisationId: string, template: FilingTemplate | undefined): FilingTemplate
  /**
   * Refuses contents that are not in the snapshots that the filing authorisation names for the grant's lists.
   *
   * @throws {RequestError} `forbidden` (`not-listed`, `other-list`).
   */
  assertListed(grant: AutomaticFilingGrant, contents: readonly ContentDigests[]): Promise<void>
}

/** Dependencies of {@link createFilingAuthorisations}. */
export interface AuthorisationsOptions {
  readonly journal: Pick<Journal, "recordAll"> & { readonly clock: Clock }
  readonly book: AuthorisationBook
  readonly lists: ListSnapshots
  readonly people: Pick<People, "find" | "isAdmitted">
  readonly signatures: Signatures
}

/** How long people have to add the second proof. */
const PROOF_MS = 7 * DAY_MS

/** How far another machine's clock may be ahead. */
const SKEW_MS = 2 * 60_000

/** Keeps filing authorisations, whose uses wait for each other, so that none passes its cap. */
export function createFilingAuthorisations({
  journal,
  book,
  people,
  signatures,
  lists,
}: AuthorisationsOptions): FilingAuthorisations {
  const serial = createSerial()

  function verifyProof(
    document: FilingAuthorisation | AuthorisationRevocation,
    person: string,
    proofs: readonly GrantProof[],
  ): VerifiedSignature {
    const proof = proofs.find((given) => given.person === person)
    if (proof === undefined) throw refusal("proofs-missing", "a filing authorisation must be proven by its two people")
    const signedAfter = "issuedAt" in document ? document.issuedAt : document.at
    return signatures.verify({ kind: "authorisation", document, person, signature: proof.signature, signedAfter })
  }

  function holds(person: string, role: CustodianRole): boolean {
    return people.isAdmitted && people.find(person)?.roles.includes(role) === true
  }

  function isLive({ revokedAt, expiresAt, counsel, reporter }: KnownAuthorisation): boolean {
    const isOver = revokedAt !== undefined || journal.clock.now().getTime() >= Date.parse(expiresAt)
    return !isOver && holds(counsel, "counsel") && holds(reporter, "reporter")
  }

  function toEntry(known: KnownAuthorisation): AuthorisationEntry {
    const { authorisationId, environment, lists, dailyCap, expiresAt, counsel, reporter, revokedAt } = known
    return {
      authorisationId,
      environment,
      lists: [...lists],
      dailyCap,
      expiresAt,
      counsel,
      reporter,
      ...compact({ revokedAt }),
      live: isLive(known),
      usedInDay: book.usedInDay(authorisationId, journal.clock.now()),
    }
  }

  function getOrThrow(authorisationId: string): KnownAuthorisation {
    const known = book.find(authorisationId)
    if (known === undefined) throw refusal("unknown", "there is no such filing authorisation")
    return known
  }

  return {
    grant: ({ authorisation, proofs }) =>
      serial.run(async () => {
        const authorisationSha256 = canonicalDigest(authorisation)
        const known = book.find(authorisation.authorisationId)
        if (known?.authorisationSha256 === authorisationSha256) return toEntry(known)
        if (known !== undefined) throw refusal("replayed", "another filing authorisation has this id")
        assertTime(authorisation, journal.clock.now())
        const { counsel, reporter } = authorisation
        assertSnapshots(authorisation)
        if (counsel === reporter) throw refusal("one-person", "a filing authorisation needs two people")
        const verified = [counsel, reporter].map((person) => verifyProof(authorisation, person, proofs))
        if (!holds(counsel, "counsel") || !holds(reporter, "reporter")) {
          throw refusal("role-missing", "one of the people lacks the role for this")
        }
        assertDistinctKeys([counsel, reporter].flatMap((person) => people.find(person) ?? []))
        const { format: _format, issuedAt: _issuedAt, template, ...named } = authorisation
        const data = { ...named, templateSha256: jsonDigest(template) }
        const by = verified.map((signature) => signature.by)
        await journal.recordAll([
          ...verified.flatMap(({ events }) => events),
          { type: "filing-authorisation.granted", actor: counsel, data: { ...data, authorisationSha256, by } },
        ])
        return toEntry(getOrThrow(authorisation.authorisationId))
      }),
    revoke: ({ revocation, proof }) =>
      serial.run(async () => {
        const { authorisationId, person } = revocation
        const known = getOrThrow(authorisationId)
        if (person !== known.counsel && person !== known.reporter) {
          throw refusal("role-missing", "only one of its two people can end a filing authorisation", { person })
        }
        const { by, events } = verifyProof(revocation, person, [proof])
        if (known.revokedAt === undefined) {
          await journal.recordAll([
            ...events,
            { type: "filing-authorisation.revoked", actor: person, data: { authorisationId, person, by } },
          ])
        }
        return toEntry(getOrThrow(authorisationId))
      }),
    list: () => book.all().map(toEntry),
    signedTemplate: (authorisationId, template) => assertSigned(template, getOrThrow(authorisationId).templateSha256),
    assertListed: ({ authorisationId, lists: named }, contents) =>
      lists.assertListed(
        contents,
        getOrThrow(authorisationId).snapshots.filter(({ list }) => named.includes(list)),
      ),
    assertAuthorised(grant, isUsed) {
      const known = book.find(grant.authorisationId)
      if (known === undefined || !isLive(known)) {
        throw refusal("no-authorisation", "there is no live filing authorisation for this", { grantId: grant.grantId })
      }
      if (known.environment !== grant.environment || grant.lists.some((list) => !known.lists.includes(list))) {
        throw refusal("other-authorisation", "the filing authorisation is for another host or other lists")
      }
      if (isUsed) return
      const inDay = book.usedInDay(known.authorisationId, journal.clock.now())
      if (inDay >= known.dailyCap) throw refusal("daily-cap", "the daily limit is reached", { inDay })
    },
  }
}

/** Each list must have one snapshot, without any others. */
function assertSnapshots({ lists, snapshots }: FilingAuthorisation): void {
  const named = new Set(snapshots.map(({ list }) => list))
  if (named.size === snapshots.length && named.size === lists.length && lists.every((list) => named.has(list))) return
  throw refusal("malformed", "a filing authorisation must name one snapshot of each of its lists")
}

function assertTime({ issuedAt, expiresAt }: FilingAuthorisation, now: Date): void {
  const from = Date.parse(issuedAt)
  const to = Date.parse(expiresAt)
  if (to < from || to - from > MAX_AUTHORISATION_DAYS * DAY_MS) {
    throw refusal("valid-too-long", "the filing authorisation is valid for too long")
  }
  if (now.getTime() < from - SKEW_MS) throw refusal("not-yet-valid", "the filing authorisation is dated in the future")
  if (now.getTime() >= Math.min(to, from + PROOF_MS)) throw refusal("expired", "its time to be proven is over")
}
