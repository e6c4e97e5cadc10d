/**
 * Viewings: requested with a reason, counted before they are shown, recorded before and after.
 * @module
 */
import { randomUUID } from "node:crypto"
import { type AttestationBody, type ProvenGrant, signedBy, type ViewingAnswer } from "@nightlight/contract/custodian"
import { type Clock, NightlightError, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { z } from "zod"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { assertHolder, assertTrained } from "../cases/claims/claims.ts"
import type { AlarmPort, Training } from "../cases/ports.ts"
import type { CasesService } from "../cases/service.ts"
import type { ExposureService } from "../exposure/service.ts"
import { checkViewingGrant, type ViewingGrant } from "./check-grant.ts"
import * as store from "./store.ts"
import type { ViewedFile, Viewing } from "./types.ts"

/** Dependencies of viewings. */
export interface ViewingsDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly cases: CasesService
  readonly training: Training
  readonly alarms: AlarmPort
  readonly exposure: ExposureService
  readonly custodian: Pick<CustodianClient, "view" | "attest">
  /** Whether two people are independent: neither made, granted a role to or reset the other. */
  readonly areIndependent: (db: Kysely<Tables>, first: string, second: string) => Promise<boolean>
}

/** A viewing that was shown, with the custodian's answer, which is encrypted to the viewer. */
export interface ShownViewing {
  readonly viewingId: string
  readonly shownAt: Date
  readonly answer: z.infer<typeof ViewingAnswer>
}

/** The item to view. */
export interface ViewedItem {
  readonly caseId: string
  readonly itemId: string
}

/** Has the custodian show items, and records each viewing as events about its case. */
export interface ViewingsService {
  /**
   * Has the custodian show one item to the person who holds its case.
   *
   * @throws {RequestError} `budget_reached` with `details.by` and `details.until`; as {@link checkViewingGrant};
   *   `state_conflict` if the person does not hold the case or the grant was used; the custodian's refusal.
   * @throws {DependencyError} if the custodian does not answer: nothing was shown, and nothing is counted.
   */
  view(person: PersonActor, place: ViewedItem, proven: ProvenGrant): Promise<ShownViewing>
  /** Records how long a viewing lasted; a second call changes nothing. */
  end(person: PersonActor, place: ViewedItem & { readonly viewingId: string }, secondsVisible: number): Promise<void>
  /**
   * Passes a person's statement that they saw the whole unaltered original to the custodian, and records it.
   *
   * @throws {RequestError} `input_invalid` if it is about another viewing, or not about an original.
   */
  attest(
    person: PersonActor,
    place: ViewedItem & { readonly viewingId: string },
    body: z.infer<typeof AttestationBody>,
  ): Promise<void>
  /** Files of a case that somebody attested to have viewed whole, oldest first. */
  viewedOf(db: Kysely<Tables>, caseId: string): Promise<readonly ViewedFile[]>
}

/** Assumed length of a viewing whose end nobody reported. */
const PRESUMED_SECONDS = 60

/** Number of viewings of one item by one person that raises an alarm. */
const REPEATS = 4

/** A viewing is recorded before the custodian is called and again after it has answered, each in a transaction. */
export function createViewings(deps: ViewingsDeps): ViewingsService {
  const { clock, custodian, exposure } = deps
  return {
    view: async (person, place, proven) => {
      const grant = await admissible(deps, person, place, proven)
      const viewingId = `viewing-${randomUUID()}`
      const day = await transact(deps, person.id, (tx) =>
        recordRequest(deps, tx, person, { viewingId, grant, ...place }),
      )
      const answer = await custodian.view(proven).catch(async (error: unknown) => {
        await transact(deps, person.id, (tx) => fail(deps, tx, person, { viewingId, grant, day, ...place }, error))
        throw error
      })
      const shownAt = clock.now()
      await transact(deps, person.id, async ({ trx, record }) => {
        const { itemId: caseItem, caseId } = place
        const data = {
          viewing: viewingId,
          item: caseItem,
          evidence: grant.evidenceId,
          purpose: grant.purpose,
          by: proven.proofs.map(({ signature }) => signedBy(signature)),
        }
        record({ type: "viewing.shown", subject: caseId, data })
        await store.setViewing(trx, viewingId, { shown_at: shownAt })
      })
      return { viewingId, shownAt, answer }
    },
    end: (person, place, secondsVisible) =>
      transact(deps, person.id, async (tx) => {
        const viewing = await lockedViewing(tx, person, place)
        if (viewing.shownAt === undefined || viewing.endedAt !== undefined) return
        const now = clock.now()
        const elapsed = Math.max((now.getTime() - viewing.shownAt.getTime()) / 1000, 1)
        const seconds = Math.ceil(Math.min(Math.max(secondsVisible, 1), elapsed))
        await exposure.end(tx, person, {
          viewing: viewing.viewingId,
          case: viewing.caseId,
          seconds,
          presumed: false,
          at: now,
        })
        await store.setViewing(tx.trx, viewing.viewingId, { ended_at: now })
      }),
    attest: async (person, place, body) => {
      const viewing = await transact(deps, person.id, (tx) => lockedViewing(tx, person, place))
      assertAbout(viewing, person, body.attestation)
      if (viewing.attestedAt !== undefined) return
      await custodian.attest(body).catch(unlessAttested)
      await transact(deps, person.id, async (tx) => {
        const { attestedAt } = await lockedViewing(tx, person, place)
        if (attestedAt !== undefined) return
        const { exifViewed } = body.attestation
        const data = {
          viewing: viewing.viewingId,
          item: viewing.itemId,
          evidence: viewing.evidenceId,
          exifViewed,
          by: signedBy(body.signature),
        }
        tx.record({ type: "viewing.attested", subject: viewing.caseId, data })
        await store.setViewing(tx.trx, viewing.viewingId, { attested_at: clock.now(), exif_viewed: exifViewed })
        await deps.cases.noteViewed(tx, viewing.caseId)
      })
    },
    viewedOf: (db, caseId) => store.readViewed(db, caseId),
  }
}

async function admissible(
  deps: ViewingsDeps,
  person: PersonActor,
  { caseId, itemId }: ViewedItem,
  proven: ProvenGrant,
): Promise<ViewingGrant> {
  const { db, clock, cases, areIndependent } = deps
  await assertTrained(deps, person)
  const now = clock.now()
  const [head, caseItem] = [await cases.get(caseId), await cases.item(caseId, itemId)]
  if (head === undefined || caseItem === undefined) throw new RequestError("not_found", "there is no such item")
  assertHolder(head, person, now)
  const grant = checkViewingGrant(proven, { person, item: caseItem, now })
  if (grant.second !== undefined && !(await areIndependent(db, person.id, grant.second))) {
    throw new RequestError(
      "second_person_required",
      "the second person is not independent of the viewer: somebody else must prove it",
    )
  }
  return grant
}

interface RequestedViewing extends ViewedItem {
  readonly viewingId: string
  readonly grant: ViewingGrant
}

/** Counts a viewing and inserts it. Returns the day that it counts for. */
async function recordRequest(
  deps: ViewingsDeps,
  tx: EventTransaction,
  person: PersonActor,
  requested: RequestedViewing,
): Promise<string> {
  const { clock, exposure } = deps
  const { viewingId, caseId, itemId, grant } = requested
  const { purpose, reason, grantId, evidenceId } = grant
  // Viewings that nobody ended are ended now, so that the day's seconds are complete before the budget is checked.
  for (const open of await store.lockOpenViewings(tx.trx, person.id)) {
    const shownMs = open.shownAt?.getTime() ?? 0
    const at = new Date(Math.min(shownMs + PRESUMED_SECONDS * 1000, clock.now().getTime()))
    const ended = { viewing: open.viewingId, case: open.caseId, seconds: PRESUMED_SECONDS, presumed: true, at }
    await exposure.end(tx, person, ended)
    await store.setViewing(tx.trx, open.viewingId, { ended_at: at })
  }
  await watchRepeats(deps, tx, person, itemId)
  const admitted = { viewing: viewingId, case: caseId, item: itemId, grant: grantId, purpose, reason }
  const day = await exposure.admit(tx, person, admitted)
  const viewing = { viewingId, person: person.id, caseId, itemId, evidenceId, grantId, purpose, reason }
  await store.addViewing(tx.trx, { ...viewing, requestedAt: clock.now() })
  return day
}

/** Raises an alarm when a person views one item again and again. */
async function watchRepeats(
  { alarms }: ViewingsDeps,
  tx: EventTransaction,
  { id }: PersonActor,
  caseItem: string,
): Promise<void> {
  const viewings = 1 + (await store.countViewingsAt(tx.trx, id, caseItem))
  if (viewings < REPEATS) return
  await alarms.raise(tx, { code: "repeat-views", subject: id, data: { item: caseItem, viewings } })
}

async function fail(
  deps: ViewingsDeps,
  tx: EventTransaction,
  person: PersonActor,
  viewing: RequestedViewing & { readonly day: string },
  error: unknown,
) {
  const { viewingId, caseId, grant, day } = viewing
  const code = error instanceof NightlightError ? error.code : "unknown"
  await deps.exposure.fail(tx, person, { viewing: viewingId, case: caseId, code, purpose: grant.purpose, day })
  await store.setViewing(tx.trx, viewingId, { failed: true })
}

async function lockedViewing(
  { trx }: EventTransaction,
  person: PersonActor,
  { caseId, itemId, viewingId }: ViewedItem & { readonly viewingId: string },
): Promise<Viewing> {
  const viewing = await store.lockViewing(trx, person.id, viewingId)
  if (viewing?.caseId !== caseId || viewing.itemId !== itemId) {
    throw new RequestError("not_found", "you have no such viewing")
  }
  return viewing
}

/** The custodian accepted it before: this process ended between its answer and the record. */
function unlessAttested(error: unknown): void {
  if (error instanceof RequestError && error.details["reason"] === "attested-already") return
  throw error
}

function assertAbout(
  viewing: Viewing,
  person: PersonActor,
  said: z.infer<typeof AttestationBody>["attestation"],
): void {
  const about =
    viewing.purpose === "original" &&
    viewing.shownAt !== undefined &&
    said.person === person.id &&
    said.grantId === viewing.grantId &&
    said.evidence.evidenceId === viewing.evidenceId
  if (!about) throw new RequestError("input_invalid", "an attestation must be about your own viewing of this original")
}
