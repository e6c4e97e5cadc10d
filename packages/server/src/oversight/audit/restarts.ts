/**
 * Restarts of checkpoints in the server: counsel signs one in the console, and the host's command passes it from here
 * to the custodian, which alone decides whether it is valid.
 * @module
 */
import type { CheckpointRestart, GrantProof, ProvenRestart } from "@nightlight/contract/custodian"
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor } from "../../platform/auth/actor.ts"
import type { CustodianClient } from "../../platform/custodian/port.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { type TransactDeps, transact } from "../../platform/events/transact.ts"

/** Number and hash of an event. */
export interface LogPlace {
  readonly seq: number
  readonly hash: string
}

/** State of the custodian's checkpoints relative to the log. */
export interface LogState {
  readonly signed: LogPlace
  readonly restarts: number
  readonly newest: LogPlace | undefined
  readonly agrees: boolean
}

/** Compares the custodian's head with the log. */
export async function readLogState(
  db: Kysely<Tables>,
  custodian: Pick<CustodianClient, "checkpointHead">,
): Promise<LogState> {
  const { seq, hash, restarts } = await custodian.checkpointHead()
  const [newest, at] = await Promise.all([
    db.selectFrom("events").select(["seq", "hash"]).orderBy("seq", "desc").limit(1).executeTakeFirst(),
    db.selectFrom("events").select("hash").where("seq", "=", String(seq)).executeTakeFirst(),
  ])
  return {
    signed: { seq, hash },
    restarts,
    newest: newest === undefined ? undefined : { seq: Number(newest.seq), hash: newest.hash },
    agrees: seq === 0 || at?.hash === hash,
  }
}

/**
 * Stores what counsel signed, for the host's command.
 *
 * @throws {RequestError} `forbidden` if it names somebody else; `state_conflict` if the log's event differs from the
 *   named one, or its id exists already.
 */
export async function storeRestart(
  deps: TransactDeps,
  actor: PersonActor,
  { restart, proof }: { readonly restart: CheckpointRestart; readonly proof: GrantProof },
): Promise<void> {
  const { restartId, person, reason, before, start } = restart
  if (person !== actor.id || proof.person !== actor.id) {
    throw new RequestError("forbidden", "a restart must be signed by the person that it names")
  }
  await transact(deps, actor.id, async ({ trx, record }) => {
    await readStartLine(trx, restart)
    const kept = await trx
      .insertInto("checkpoint_restarts")
      .values({
        restart_id: restartId,
        document: JSON.stringify(restart),
        proof: JSON.stringify(proof),
        made_at: deps.clock.now(),
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning("restart_id")
      .executeTakeFirst()
    if (kept === undefined) throw new RequestError("state_conflict", "there is already a restart with this id")
    record({
      type: "checkpoint-restart.signed",
      subject: restartId,
      data: { reason, beforeSeq: before.seq, startSeq: start.seq },
    })
  })
}

/**
 * The document that the host's command passes to the custodian.
 *
 * @throws {RequestError} `not_found`; `state_conflict` if the log's event now differs from the named one.
 */
export async function readProvenRestart(db: Kysely<Tables>, restartId: string): Promise<ProvenRestart> {
  const row = await db
    .selectFrom("checkpoint_restarts")
    .select(["document", "proof"])
    .where("restart_id", "=", restartId)
    .executeTakeFirst()
  if (row === undefined) throw new RequestError("not_found", "there is no signed restart with this id")
  const { document: restart, proof } = row
  return { restart, proof, line: await readStartLine(db, restart) }
}

async function readStartLine(db: Kysely<Tables>, { start }: CheckpointRestart): Promise<string> {
  const event = await db
    .selectFrom("events")
    .select(["hash", "line"])
    .where("seq", "=", String(start.seq))
    .executeTakeFirst()
  if (event?.hash === start.hash) return event.line
  throw new RequestError("state_conflict", "the event in the log differs from the one that the restart names")
}
