/**
 * Looks: asked for with a reason, counted before they are shown, recorded before and after.
 * @module
 */
import { randomUUID } from "node:crypto"
import { type AttestationBody, type LookAnswer, type ProvenGrant, signedBy } from "@nightlight/contract/custodian"
import { type Clock, NightlightError, RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { z } from "zod"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type EventTransaction, transact } from "../../platform/events/transact.ts"
import { assertHolder, assertTrained } from "../cases/claims.ts"
import type { AlarmPort, Training } from "../cases/ports.ts"
import type { CasesService } from "../cases/service.ts"
import type { ExposureService } from "../exposure/service.ts"
import { checkLookGrant, type LookGrant } from "./check-grant.ts"
import * as store from "./store.ts"
import type { Look, ViewedFile } from "./types.ts"

/** What looks work with. */
export interface LooksDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly cases: CasesService
  readonly training: Training
  readonly alarms: AlarmPort
  readonly exposure: ExposureService
  readonly custodian: Pick<CustodianClient, "look" | "attest">
  /** Whether one person may stand beside another: not made, granted or reset by the first. */
  readonly areIndependent: (db: Kysely<Tables>, first: string, second: string) => Promise<boolean>
}

/** What was shown. */
export interface ShownLook {
  readonly lookId: string
  readonly shownAt: Date
  readonly answer: z.infer<typeof LookAnswer>
}

/** What names a look. */
export interface LookPlace {
  readonly caseId: string
  readonly itemId: string
}

/** Looking. */
export interface LooksService {
  /**
   * Has the custodian show one item to the person who holds its case.
   *
   * @throws {RequestError} `budget_reached` with `details.by` and `details.until`; as `checkLookGrant`;
   *   `state_conflict` if the person does not hold the case or the grant was used; the custodian's refusal.
   * @throws {DependencyError} if the custodian does not answer: nothing was shown, and nothing is counted.
   */
  look(person: PersonActor, place: LookPlace, proven: ProvenGrant): Promise<ShownLook>
  /** Counts how long a look lasted; a look that has ended already is left as it is. */
  end(person: PersonActor, place: LookPlace & { readonly lookId: string }, secondsVisible: number): Promise<void>
  /**
   * Takes a person's word that they saw the whole unaltered original to the custodian, and records it.
   *
   * @throws {RequestError} `input_invalid` if it is about another look, or none of an original.
   */
  attest(
    person: PersonActor,
    place: LookPlace & { readonly lookId: string },
    body: z.infer<typeof AttestationBody>,
  ): Promise<void>
  /** Files of a case that somebody attested to have viewed whole, oldest first. */
  viewedOf(db: Kysely<Tables>, caseId: string): Promise<readonly ViewedFile[]>
}

/** Counted for a look that nobody said the end of. */
const PRESUMED_SECONDS = 60

/** Looks of one person at one item that raise an alarm. */
const REPEATS = 4

/** Makes the service. */
export function createLooks(deps: LooksDeps): LooksService {
  const { clock, custodian, exposure } = deps
  return {
    look: async (person, place, proven) => {
      const grant = await admissible(deps, person, place, proven)
      const lookId = `look-${randomUUID()}`
      const day = await transact(deps, person.id, (tx) => ask(deps, tx, person, { lookId, grant, ...place }))
      const answer = await custodian.look(proven).catch(async (error: unknown) => {
        await transact(deps, person.id, (tx) => fail(deps, tx, person, { lookId, grant, day, ...place }, error))
        throw error
      })
      const shownAt = clock.now()
      await transact(deps, person.id, async ({ trx, record }) => {
        const { itemId: caseItem, caseId } = place
        const data = {
          look: lookId,
          item: caseItem,
          evidence: grant.evidenceId,
          purpose: grant.purpose,
          by: proven.proofs.map(({ signature }) => signedBy(signature)),
        }
        record({ type: "look.shown", subject: caseId, data })
        await store.setLook(trx, lookId, { shown_at: shownAt })
      })
      return { lookId, shownAt, answer }
    },
    end: (person, place, secondsVisible) =>
      transact(deps, person.id, async (tx) => {
        const look = await lockedLook(tx, person, place)
        if (look.shownAt === undefined || look.endedAt !== undefined) return
        const now = clock.now()
        const elapsed = Math.max((now.getTime() - look.shownAt.getTime()) / 1000, 1)
        const seconds = Math.ceil(Math.min(Math.max(secondsVisible, 1), elapsed))
        await exposure.end(tx, person, {
          look: look.lookId,
          case: look.caseId,
          seconds,
          presumed: false,
          at: now,
        })
        await store.setLook(tx.trx, look.lookId, { ended_at: now })
      }),
    attest: async (person, place, body) => {
      const look = await transact(deps, person.id, (tx) => lockedLook(tx, person, place))
      assertAbout(look, person, body.attestation)
      if (look.attestedAt !== undefined) return
      await custodian.attest(body).catch(unlessAttested)
      await transact(deps, person.id, async (tx) => {
        const { attestedAt } = await lockedLook(tx, person, place)
        if (attestedAt !== undefined) return
        const { exifViewed } = body.attestation
        const data = {
          look: look.lookId,
          item: look.itemId,
          evidence: look.evidenceId,
          exifViewed,
          by: signedBy(body.signature),
        }
        tx.record({ type: "look.attested", subject: look.caseId, data })
        await store.setLook(tx.trx, look.lookId, { attested_at: clock.now(), exif_viewed: exifViewed })
        await deps.cases.noteViewed(tx, look.caseId)
      })
    },
    viewedOf: (db, caseId) => store.readViewed(db, caseId),
  }
}

async function admissible(
  deps: LooksDeps,
  person: PersonActor,
  { caseId, itemId }: LookPlace,
  proven: ProvenGrant,
): Promise<LookGrant> {
  const { db, clock, cases, areIndependent } = deps
  await assertTrained(deps, person)
  const now = clock.now()
  const [head, caseItem] = [await cases.get(caseId), await cases.item(caseId, itemId)]
  if (head === undefined || caseItem === undefined) throw new RequestError("not_found", "there is no such item")
  assertHolder(head, person, now)
  const grant = checkLookGrant(proven, { person, item: caseItem, now })
  if (grant.second !== undefined && !(await areIndependent(db, person.id, grant.second))) {
    throw new RequestError("second_person_required", "the second person depends on the first: somebody else must do it")
  }
  return grant
}

interface AskedLook extends LookPlace {
  readonly lookId: string
  readonly grant: LookGrant
}

/** Counts a look and writes it. Returns the day that it counts to. */
async function ask(deps: LooksDeps, tx: EventTransaction, person: PersonActor, asked: AskedLook): Promise<string> {
  const { clock, exposure } = deps
  const { lookId, caseId, itemId, grant } = asked
  const { purpose, reason, grantId, evidenceId } = grant
  // What nobody ended is ended now, so that the day's seconds are told before the budget is asked.
  for (const open of await store.lockOpenLooks(tx.trx, person.id)) {
    const shownMs = open.shownAt?.getTime() ?? 0
    const at = new Date(Math.min(shownMs + PRESUMED_SECONDS * 1000, clock.now().getTime()))
    const ended = { look: open.lookId, case: open.caseId, seconds: PRESUMED_SECONDS, presumed: true, at }
    await exposure.end(tx, person, ended)
    await store.setLook(tx.trx, open.lookId, { ended_at: at })
  }
  await watchRepeats(deps, tx, person, itemId)
  const admitted = { look: lookId, case: caseId, item: itemId, grant: grantId, purpose, reason }
  const day = await exposure.admit(tx, person, admitted)
  const look = { lookId, person: person.id, caseId, itemId, evidenceId, grantId, purpose, reason }
  await store.addLook(tx.trx, { ...look, requestedAt: clock.now() })
  return day
}

/** Looking at one item again and again is told to others: once is work. */
async function watchRepeats(
  { alarms }: LooksDeps,
  tx: EventTransaction,
  { id }: PersonActor,
  caseItem: string,
): Promise<void> {
  const looks = 1 + (await store.countLooksAt(tx.trx, id, caseItem))
  if (looks < REPEATS) return
  await alarms.raise(tx, { code: "repeat-views", subject: id, data: { item: caseItem, looks } })
}

async function fail(
  deps: LooksDeps,
  tx: EventTransaction,
  person: PersonActor,
  asked: AskedLook & { readonly day: string },
  error: unknown,
) {
  const { lookId, caseId, grant, day } = asked
  const code = error instanceof NightlightError ? error.code : "unknown"
  await deps.exposure.fail(tx, person, { look: lookId, case: caseId, code, purpose: grant.purpose, day })
  await store.setLook(tx.trx, lookId, { failed: true })
}

async function lockedLook(
  { trx }: EventTransaction,
  person: PersonActor,
  { caseId, itemId, lookId }: LookPlace & { readonly lookId: string },
): Promise<Look> {
  const look = await store.lockLook(trx, person.id, lookId)
  if (look?.caseId !== caseId || look.itemId !== itemId) {
    throw new RequestError("not_found", "there is no such look of yours")
  }
  return look
}

/** The custodian took it before: this process ended between its answer and the record. */
function unlessAttested(error: unknown): void {
  if (error instanceof RequestError && error.details["reason"] === "attested-already") return
  throw error
}

function assertAbout(look: Look, person: PersonActor, said: z.infer<typeof AttestationBody>["attestation"]): void {
  const about =
    look.purpose === "original" &&
    look.shownAt !== undefined &&
    said.person === person.id &&
    said.grantId === look.grantId &&
    said.evidence.evidenceId === look.evidenceId
  if (!about) throw new RequestError("input_invalid", "an attestation is about one's own look at this original")
}
