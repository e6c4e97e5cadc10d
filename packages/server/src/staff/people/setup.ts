/**
 * The first two administrators: the set-up makes both, so that neither made the other.
 * @module
 */
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor, PersonId } from "../../platform/auth/actor.ts"
import type { Tables } from "../../platform/db/tables.ts"
import type { EventTransaction } from "../../platform/events/transact.ts"
import type { People } from "./service.ts"
import * as store from "./store.ts"
import { SYSTEM_SETUP } from "./types.ts"

/** Name and address of an invited person. */
export interface Invitee {
  readonly name: string
  readonly email: string
}

/** The set-up of an installation. */
export interface Setup {
  /** Whether there is an administrator. From then on a set-up link is void. */
  begun(db: Kysely<Tables>): Promise<boolean>
  /** Whether the second administrator has joined. Until then nobody else can be invited. */
  complete(db: Kysely<Tables>): Promise<boolean>
  /**
   * Makes the first administrator, and the second, who joins by invitation.
   *
   * @throws {RequestError} `state_conflict` if there is an administrator.
   */
  begin(
    tx: EventTransaction,
    first: Invitee,
    second: Invitee,
  ): Promise<{ readonly first: PersonId; readonly second: PersonId }>
  /**
   * Invites another second administrator, if the link expired or the address was wrong; the earlier invitation is void.
   *
   * @throws {RequestError} `forbidden` unless the first administrator calls it, `state_conflict` once the second has
   *   joined.
   */
  replaceSecond(tx: EventTransaction, actor: PersonActor, second: Invitee): Promise<PersonId>
}

/** Creates the set-up, which grants the first two administrators their role without an approval. */
export function createSetup(people: People): Setup {
  const makeAdministrator = async (tx: EventTransaction, { name, email }: Invitee): Promise<PersonId> => {
    const id = await people.create(tx, { name, email, by: SYSTEM_SETUP })
    await people.grant(tx, id, { role: "administrator", requestedBy: SYSTEM_SETUP, approvedBy: SYSTEM_SETUP })
    return id
  }
  return {
    begun: async (db) => (await store.readSetup(db)).firstId !== undefined,
    complete: async (db) => (await store.readSetup(db)).completeAt !== undefined,
    begin: async (tx, first, second) => {
      const state = await store.readSetup(tx.trx, true)
      if (state.firstId !== undefined) throw new RequestError("state_conflict", "there is an administrator already")
      const firstId = await makeAdministrator(tx, first)
      const secondId = await makeAdministrator(tx, second)
      await store.writeSetup(tx.trx, { firstId, secondId, completeAt: undefined })
      tx.record({ type: "setup.begun", subject: firstId, data: { second: secondId } })
      return { first: firstId, second: secondId }
    },
    replaceSecond: async (tx, actor, second) => {
      const state = await store.readSetup(tx.trx, true)
      if (state.completeAt !== undefined) {
        throw new RequestError(
          "state_conflict",
          "the second administrator has joined: from now on grants need an approval",
        )
      }
      if (state.firstId !== actor.id || state.secondId === undefined) {
        throw new RequestError(
          "forbidden",
          "only the person who set this installation up invites the second administrator",
        )
      }
      await people.deactivateIn(tx, state.secondId)
      const secondId = await makeAdministrator(tx, second)
      await store.writeSetup(tx.trx, { ...state, secondId })
      return secondId
    },
  }
}
