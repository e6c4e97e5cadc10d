/**
 * What is done to a restored database before anything else runs on it.
 * @module
 */
import type { Clock } from "@nightlight/core"
import type { Kysely } from "kysely"
import { voidWaitingOriginals } from "../../casework/originals/service.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { transact } from "../../platform/events/transact.ts"
import { voidWaitingApprovals } from "../../staff/approvals/void-waiting.ts"
import type { People } from "../../staff/people/service.ts"
import type { SignIn } from "../../staff/sign-in/service.ts"
import { pauseFiling } from "../operations/filing-pause.ts"

export interface MarkDeps {
  readonly db: Kysely<Tables>
  readonly clock: Clock
  readonly people: Pick<People, "roster">
  readonly signIn: Pick<SignIn, "sessions" | "links" | "passkeys" | "breakGlass">
}

/** Which backup it was. */
export interface RestoredBackup {
  /** `backup-<uuid>`, or `other-server`. */
  readonly id: string
  /** When it was made; absent for another server's. */
  readonly madeAt?: string
}

const ACTOR = "system-host"

/**
 * Pauses filing, ends every session, makes every link void, removes every passkey that signs in (one may have been
 * removed since), cancels the host's waiting ways back in, lets run out what waits for a second person (it may have been
 * declined since), and says in the log that the database was restored: from then on keys and people but administrators are
 * suspended until all is reconciled. Safe to repeat.
 */
export async function markRestored({ db, clock, people, signIn }: MarkDeps, backup: RestoredBackup): Promise<void> {
  const roster = await people.roster()
  // Whose row is away may come back: what they had signed in with does not.
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
