/**
 * Standing authorisations: proven by counsel and a reporter, kept in the journal, ended by either of them.
 * @module
 */

import { createHash } from "node:crypto"
import {
  type AutomaticFilingGrant,
  type CustodianRole,
  type GrantProof,
  MAX_STANDING_DAYS,
  type ProvenStanding,
  type Standing,
  type StandingEntry,
  type StandingRevocation,
  type StandingRevocationBody,
  type StandingTemplate,
} from "@nightlight/contract/custodian"
import { type Clock, canonicalJson, compact, DAY_MS } from "@nightlight/core"
import { jsonDigest } from "../filings/json-digest.ts"
import type { Journal } from "../journal/journal.ts"
import { createSerial } from "../journal/serial.ts"
import { assertDistinctKeys } from "../people/distinct-keys.ts"
import type { People } from "../people/enrolments.ts"
import type { Signatures, VerifiedSignature } from "../people/signatures.ts"
import { refusal } from "../refusal.ts"
import type { ContentDigests, ListSnapshots } from "./list-snapshots.ts"
import type { KnownStanding, StandingBook } from "./standing-book.ts"
import { assertSigned } from "./template.ts"

/** Standing authorisations. Every method that refuses throws `RequestError` as `refusal`. */
export interface Standings {
  /** Takes one into the journal. The same one again changes nothing. */
  grant(proven: ProvenStanding): Promise<StandingEntry>
  /** Ends one, now and for good. One that has ended stays so. */
  revoke(body: StandingRevocationBody): Promise<StandingEntry>
  list(): readonly StandingEntry[]
  /** Refuses a grant that no live standing authorisation stands for, or, unless it was used, one too many within a day. */
  assertStands(grant: AutomaticFilingGrant, isUsed: boolean): void
  /**
   * Gives the template back if it is the one that the two people signed.
   *
   * @throws {RequestError} `forbidden` (`other-template`).
   */
  signedTemplate(standingId: string, template: StandingTemplate | undefined): StandingTemplate
  /**
   * Refuses contents that do not stand in the snapshots that the standing authorisation names for the grant's lists.
   *
   * @throws {RequestError} `forbidden` (`not-listed`, `other-list`).
   */
  assertListed(grant: AutomaticFilingGrant, contents: readonly ContentDigests[]): Promise<void>
}

/** What they work with. */
export interface StandingsOptions {
  readonly journal: Pick<Journal, "recordAll"> & { readonly clock: Clock }
  readonly book: StandingBook
  readonly lists: ListSnapshots
  readonly people: Pick<People, "find" | "isAdmitted">
  readonly signatures: Signatures
}

/** How long people have to bring the second proof. */
const PROOF_MS = 7 * DAY_MS

/** How far another machine's clock may be ahead. */
const SKEW_MS = 2 * 60_000

/** Makes them. */
export function createStandings({ journal, book, people, signatures, lists }: StandingsOptions): Standings {
  const serial = createSerial()

  function verifyProof(
    document: Standing | StandingRevocation,
    person: string,
    proofs: readonly GrantProof[],
  ): VerifiedSignature {
    const proof = proofs.find((given) => given.person === person)
    if (proof === undefined) throw refusal("proofs-missing", "a standing authorisation is proven by its two people")
    const signedAfter = "issuedAt" in document ? document.issuedAt : document.at
    return signatures.verify({ kind: "standing", document, person, signature: proof.signature, signedAfter })
  }

  function holds(person: string, role: CustodianRole): boolean {
    return people.isAdmitted && people.find(person)?.roles.includes(role) === true
  }

  function isLive({ revokedAt, expiresAt, counsel, reporter }: KnownStanding): boolean {
    const isOver = revokedAt !== undefined || journal.clock.now().getTime() >= Date.parse(expiresAt)
    return !isOver && holds(counsel, "counsel") && holds(reporter, "reporter")
  }

  function toEntry(known: KnownStanding): StandingEntry {
    const { standingId, environment, lists, dailyCap, expiresAt, counsel, reporter, revokedAt } = known
    return {
      standingId,
      environment,
      lists: [...lists],
      dailyCap,
      expiresAt,
      counsel,
      reporter,
      ...compact({ revokedAt }),
      live: isLive(known),
      usedInDay: book.usedInDay(standingId, journal.clock.now()),
    }
  }

  function must(standingId: string): KnownStanding {
    const known = book.find(standingId)
    if (known === undefined) throw refusal("unknown", "there is no such standing authorisation")
    return known
  }

  return {
    grant: ({ standing, proofs }) =>
      serial.run(async () => {
        const standingSha256 = createHash("sha256").update(canonicalJson(standing)).digest("hex")
        const known = book.find(standing.standingId)
        if (known?.standingSha256 === standingSha256) return toEntry(known)
        if (known !== undefined) throw refusal("replayed", "another standing authorisation has this id")
        assertTime(standing, journal.clock.now())
        const { counsel, reporter } = standing
        assertSnapshots(standing)
        if (counsel === reporter) throw refusal("one-person", "a standing authorisation takes two people")
        const verified = [counsel, reporter].map((person) => verifyProof(standing, person, proofs))
        if (!holds(counsel, "counsel") || !holds(reporter, "reporter")) {
          throw refusal("role-missing", "somebody lacks the role for this")
        }
        assertDistinctKeys([counsel, reporter].flatMap((person) => people.find(person) ?? []))
        const { format: _format, issuedAt: _issuedAt, template, ...named } = standing
        const data = { ...named, templateSha256: jsonDigest(template) }
        const by = verified.map((signature) => signature.by)
        await journal.recordAll([
          ...verified.flatMap(({ events }) => events),
          { type: "standing.granted", actor: counsel, data: { ...data, standingSha256, by } },
        ])
        return toEntry(must(standing.standingId))
      }),
    revoke: ({ revocation, proof }) =>
      serial.run(async () => {
        const { standingId, person } = revocation
        const known = must(standingId)
        if (person !== known.counsel && person !== known.reporter) {
          throw refusal("role-missing", "a standing authorisation is ended by one of its two people", { person })
        }
        const { by, events } = verifyProof(revocation, person, [proof])
        if (known.revokedAt === undefined) {
          await journal.recordAll([
            ...events,
            { type: "standing.revoked", actor: person, data: { standingId, person, by } },
          ])
        }
        return toEntry(must(standingId))
      }),
    list: () => book.all().map(toEntry),
    signedTemplate: (standingId, template) => assertSigned(template, must(standingId).templateSha256),
    assertListed: ({ standingId, lists: named }, contents) =>
      lists.assertListed(
        contents,
        must(standingId).snapshots.filter(({ list }) => named.includes(list)),
      ),
    assertStands(grant, isUsed) {
      const known = book.find(grant.standingId)
      if (known === undefined || !isLive(known)) {
        throw refusal("no-standing", "no standing authorisation stands for this", { grantId: grant.grantId })
      }
      if (known.environment !== grant.environment || grant.lists.some((list) => !known.lists.includes(list))) {
        throw refusal("other-standing", "the standing authorisation is for another host or other lists")
      }
      if (isUsed) return
      const inDay = book.usedInDay(known.standingId, journal.clock.now())
      if (inDay >= known.dailyCap) throw refusal("daily-cap", "no more of these within the day", { inDay })
    },
  }
}

/** Each list has one snapshot, and there is no other. */
function assertSnapshots({ lists, snapshots }: Standing): void {
  const named = new Set(snapshots.map(({ list }) => list))
  if (named.size === snapshots.length && named.size === lists.length && lists.every((list) => named.has(list))) return
  throw refusal("malformed", "a standing authorisation names one snapshot of each of its lists")
}

function assertTime({ issuedAt, expiresAt }: Standing, now: Date): void {
  const from = Date.parse(issuedAt)
  const to = Date.parse(expiresAt)
  if (to < from || to - from > MAX_STANDING_DAYS * DAY_MS) {
    throw refusal("valid-too-long", "a standing authorisation is valid for a shorter time")
  }
  if (now.getTime() < from - SKEW_MS) throw refusal("not-yet-valid", "the standing authorisation is from the future")
  if (now.getTime() >= Math.min(to, from + PROOF_MS)) throw refusal("expired", "its time to be proven is over")
}
