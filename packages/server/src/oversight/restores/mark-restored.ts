/**
 * Prepares a restored database before anything else runs on it.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import { voidWaitingOriginals } from "../../casework/originals/service.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { transact } from "../../platform/events/transact.ts"
import { voidWaitingApprovals } from "../../staff/approvals/service.ts"
import type { People } from "../../staff/people/service.ts"
import type { SignIn } from "../../staff/sign-in/service.ts"
import { pauseFiling } from "../operations/filing-pause.ts"

/** Dependencies of {@link markRestored}. */
export interface MarkDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly people: Pick<People, "roster">
  readonly signIn: Pick<SignIn, "sessions" | "links" | "passkeys" | "breakGlass">
}

/** Identity and time of the restored backup. */
export interface RestoredBackup {
  /** `backup-<uuid>`, or `other-server`. */
  readonly id: string
  /** When it was made; absent for another server's backup. */
  readonly madeAt?: string
}

const ACTOR = "system-host"

/**
 * Pauses filing, ends every session, voids every link, removes every sign-in passkey (one may have been removed since
 * the backup), cancels waiting break-glass requests, expires waiting approvals (they may have been declined since), and
 * records in the log that the database was restored: from then on keys and all people but administrators are suspended
 * until all is reconciled. Safe to repeat.
 */
export async function markRestored({ db, clock, people, signIn }: MarkDeps, backup: RestoredBackup): Promise<void> {
  const roster = await people.roster()
  // A person whose row is missing may come back, but their sign-in credentials do not.
  const made = await readEvents(db, { type: "person.made" })
  const logged = made.flatMap(({ data: { subject } }) => (typeof subject === "string" ? [subject] : []))
  const ids = new Set([...roster.map(({ id }) => id), ...logged])
  await transact({ db, clock }, ACTOR, async (step) => {
    step.record({
      type: "database.restored",
      subject: "installation",
      data: { backup: backup.id, madeAt: backup.madeAt },
    })
    await pauseFiling(step, ACTOR, clock.now())
    for (const id of ids) {
      await signIn.sessions.endAll(step, id)
      await signIn.links.voidAll(step, id)
      await signIn.passkeys.removeAllIn(step, id)
    }
    await signIn.breakGlass.cancelAllIn(step)
    await voidWaitingApprovals(step, ACTOR, clock.now())
    await voidWaitingOriginals(step, ACTOR, clock.now())
  })
}
