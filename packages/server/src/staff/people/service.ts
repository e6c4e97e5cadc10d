/**
 * Staff: who works here, what they may do, and which two people are independent of each other.
 * @module
 */
import { randomUUID } from "node:crypto"
import { RequestError } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonActor, PersonId, Role } from "../../platform/auth/actor.ts"
import { incompatibleWith } from "../../platform/auth/permissions.ts"
import type { UntrustedRow } from "../../platform/authority/authority.ts"
import { ABSENT, readConsistentlyOrThrow } from "../../platform/authority/read-consistently.ts"
import { absentIfUntrusted } from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readPowerEvents } from "../../platform/events/power.ts"
import { readEvents } from "../../platform/events/read.ts"
import { type EventTransaction, type TransactDeps, transact } from "../../platform/events/transact.ts"
import { areIndependent, rootsSince } from "./independence.ts"
import { projectPerson, RELATION_RECORDED } from "./logged.ts"
import { isSessionEnded, type LoggedSession } from "./session-endings.ts"
import * as store from "./store.ts"
import { isCurrent, renewalOf } from "./training.ts"
import type { Person, PersonAccess, RelationKind, RoleHeld } from "./types.ts"

/** A person with the roles that they hold. */
export interface StaffMember extends Person {
  readonly roles: readonly RoleHeld[]
  readonly trained: boolean
}

/** A role to grant, with the two people who decided it. */
export interface RoleGrant extends Omit<RoleHeld, "grantedAt"> {
  /** The approval by which two people granted it; absent for grants of the set-up or the host. */
  readonly approval?: string
}

/** Staff. Methods that take an {@link EventTransaction} run in the caller's transaction. */
export interface People {
  /** Adds a person without roles. Throws {@link RequestError} `state_conflict` if another person has the address. */
  create(
    tx: EventTransaction,
    made: { readonly name: string; readonly email: string; readonly by: string },
  ): Promise<PersonId>
  /** Records that a person has set up how they sign in. */
  joined(tx: EventTransaction, id: PersonId): Promise<void>
  /**
   * Grants a role. Throws {@link RequestError} `state_conflict` if the person holds it, was deactivated, or holds a
   * role that excludes it.
   */
  grant(tx: EventTransaction, id: string, grant: RoleGrant): Promise<void>
  /** Records that somebody made, granted a role to or reset a person: from then on the two are never independent. */
  recordRelation(tx: EventTransaction, by: string, id: string, kind: RelationKind): Promise<void>
  /** Removes a role, at once; one administrator is enough to reduce permissions. */
  removeRole(actor: PersonActor, id: string, role: Role): Promise<void>
  /**
   * As {@link removeRole}, in the caller's transaction, even of the last administrator; `false` if they do not hold it.
   */
  removeRoleIn(tx: EventTransaction, id: string, role: Role): Promise<boolean>
  /** Whether nobody else is an administrator. */
  isLastAdministrator(tx: EventTransaction, id: string): Promise<boolean>
  /** Deactivates a person, at once and for good. Throws `state_conflict` for the last administrator. */
  deactivate(actor: PersonActor, id: string): Promise<void>
  /** As {@link deactivate}, in the caller's transaction, without that check. */
  deactivateIn(tx: EventTransaction, id: string): Promise<void>
  /** Records when a person was trained. Throws {@link RequestError} `input_invalid` for a future date. */
  recordTraining(actor: PersonActor, id: string, trainedAt: Date): Promise<StaffMember>
  /** Records that the custodian enrolled the person's signing key. */
  recordCustodyKey(actor: PersonActor): Promise<void>
  /**
   * Reads a person's rights now; `undefined` for somebody who is unknown, deactivated or has not joined.
   *
   * @param session - A session that the log must not know as ended.
   * @throws {IntegrityError} `row_untrusted` if rows were altered, or the log says otherwise.
   */
  access(id: string, db?: Kysely<Tables>, session?: LoggedSession): Promise<PersonAccess | undefined>
  /** Whether a person can sign in and their training is valid at this time, by default now. */
  isTrained(id: string, at?: Date): Promise<boolean>
  /** Whether both can sign in and are independent by {@link areIndependent}. */
  areIndependent(first: string, second: string, db?: Kysely<Tables>): Promise<boolean>
  /** Reads a person. Throws {@link RequestError} `not_found`. */
  get(id: string, db?: Kysely<Tables>): Promise<StaffMember>
  findByEmail(email: string, db?: Kysely<Tables>): Promise<Person | undefined>
  /** Everybody, including those who left. */
  roster(): Promise<readonly StaffMember[]>
}

/**
 * Refuses to take the role or the account of the last administrator. Rights can be taken from somebody whose row is
 * missing or untrusted, as long as the log knows them.
 */
export function createPeople(deps: TransactDeps): People {
  const { db, clock } = deps

  const memberOf = (person: Person, roles: readonly RoleHeld[]): StaffMember => ({
    ...person,
    roles,
    trained: isCurrent(person.training, clock.now()),
  })
  const existing = async (trx: Kysely<Tables>, id: string, lock = false): Promise<Person> => {
    const person = await store.findPerson(trx, id, lock)
    if (person === undefined) throw new RequestError("not_found", "there is no such person", { details: { id } })
    return person
  }
  /** Locks a person to take something away from them; it is enough that the log knows them. */
  const lockKnown = async (trx: Kysely<Tables>, id: string) => {
    const person = await absentIfUntrusted(store.findPerson(trx, id, true))
    if (person !== undefined) return { isThere: true, isDeactivated: person.deactivatedAt !== undefined }
    if ((await readEvents(trx, { subject: id, type: "person.made", limit: 1 })).length === 0) await existing(trx, id)
    return { isThere: false, isDeactivated: projectPerson(await readPowerEvents(trx, id), id).isDeactivated }
  }
  const active = async (trx: Kysely<Tables>, id: string): Promise<Person> => {
    const person = await existing(trx, id, true)
    if (person.deactivatedAt !== undefined) throw conflict("this person was deactivated", id)
    return person
  }
  const assertNotLast = async (trx: Kysely<Tables>, id: string): Promise<void> => {
    const administrators = await store.lockAdministrators(trx)
    if (administrators.length === 1 && administrators[0] === id) {
      throw conflict("this is the last administrator: nobody could make another one", id)
    }
  }
  const deactivateIn = async ({ trx, record }: EventTransaction, id: string): Promise<void> => {
    const person = await lockKnown(trx, id)
    if (person.isDeactivated) throw conflict("this person was deactivated", id)
    if (person.isThere) await store.updatePerson(trx, id, { deactivatedAt: clock.now() })
    record({ type: "person.deactivated", subject: id })
  }

  const removeRoleIn = async ({ trx, record }: EventTransaction, id: string, role: Role): Promise<boolean> => {
    // A role that the log knows as held is removed in the log even if its row is missing, because the row may come
    // back.
    const isHeld = projectPerson(await readPowerEvents(trx, id), id).roles.has(role)
    if (!(await store.deleteRole(trx, id, role)) && !isHeld) return false
    record({ type: "role.removed", subject: id, data: { role } })
    return true
  }

  const people: People = {
    create: async ({ trx, record }, { name, email, by }) => {
      if ((await store.findByEmail(trx, email)) !== undefined) {
        throw new RequestError("state_conflict", "somebody has this e-mail address already")
      }
      const id = `person-${randomUUID()}` as PersonId
      await store.insertPerson(trx, { id, name, email, madeAt: clock.now(), madeBy: by })
      record({ type: "person.made", subject: id, data: { by } })
      return id
    },
    joined: async ({ trx, record }, id) => {
      const setup = await store.readSetup(trx, true)
      await active(trx, id)
      await store.updatePerson(trx, id, { joinedAt: clock.now() })
      record({ type: "person.joined", subject: id })
      if (setup.completeAt === undefined && setup.secondId === id) {
        await store.writeSetup(trx, { ...setup, completeAt: clock.now() })
        record({ type: "setup.completed", subject: id })
      }
    },
    grant: async ({ trx, record }, id, { role, requestedBy, approvedBy, approval }) => {
      await active(trx, id)
      const held = (await store.listRoles(trx, id)).map((row) => row.role)
      if (held.includes(role)) throw conflict("this person already holds the role", id)
      const other = incompatibleWith(held, role)
      if (other !== undefined) {
        throw new RequestError("state_conflict", "one person cannot hold both roles", { details: { id, role, other } })
      }
      await store.insertRole(trx, id, { role, grantedAt: clock.now(), requestedBy, approvedBy })
      record({ type: "role.granted", subject: id, data: { role, requestedBy, approvedBy, approval } })
    },
    recordRelation: async ({ trx, record }, by, id, kind) => {
      const at = clock.now()
      await store.insertRelation(trx, { by, person: id, kind, at })
      record({ type: RELATION_RECORDED, subject: id, data: { by, kind, at: at.toISOString() } })
    },
    removeRole: async (actor, id, role) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        if (role === "administrator") await assertNotLast(trx, id)
        await lockKnown(trx, id)
        if (!(await removeRoleIn({ trx, record }, id, role))) throw conflict("this person does not hold the role", id)
      }),
    removeRoleIn,
    isLastAdministrator: async ({ trx }, id) => {
      const administrators = await store.lockAdministrators(trx)
      return administrators.length === 1 && administrators[0] === id
    },
    deactivate: async (actor, id) =>
      transact(deps, actor.id, async (tx) => {
        await assertNotLast(tx.trx, id)
        await deactivateIn(tx, id)
      }),
    deactivateIn,
    recordTraining: async (actor, id, trainedAt) => {
      if (trainedAt > clock.now()) throw new RequestError("input_invalid", "the date of a training must be in the past")
      const renewsAt = renewalOf(trainedAt)
      await transact(deps, actor.id, async ({ trx, record }) => {
        await active(trx, id)
        await store.updatePerson(trx, id, { trainedAt, renewsAt })
        const dates = { trainedAt: trainedAt.toISOString(), renewsAt: renewsAt.toISOString() }
        record({ type: "person.trained", subject: id, data: dates })
      })
      return people.get(id)
    },
    recordCustodyKey: async (actor) =>
      transact(deps, actor.id, async ({ trx, record }) => {
        await store.updatePerson(trx, actor.id, { custodyKeyAt: clock.now() })
        record({ type: "person.custody-key-enrolled", subject: actor.id })
      }),
    access: (id, on = db, session) =>
      readConsistentlyOrThrow(on, async () => {
        const person = await store.findPerson(on, id)
        if (person?.joinedAt === undefined || person.deactivatedAt !== undefined) return ABSENT
        const roles = new Set((await store.listRoles(on, id)).map(({ role }) => role))
        const value = { roles, trained: isCurrent(person.training, clock.now()) }
        return { value, differing: await rowBesideLog(on, id, roles, session) }
      }),
    isTrained: async (id, at = clock.now()) => {
      const person = await store.findPerson(db, id)
      const working = person?.joinedAt !== undefined && person.deactivatedAt === undefined
      return working && isCurrent(person.training, at)
    },
    areIndependent: async (first, second, on = db) => {
      for (const id of [first, second]) if ((await people.access(id, on)) === undefined) return false
      const now = clock.now()
      return areIndependent(first, second, await store.listRelations(on, first, second, rootsSince(now)), now)
    },
    get: async (id, on = db) => memberOf(await existing(on, id), await store.listRoles(on, id)),
    findByEmail: (email, on = db) => store.findByEmail(on, email),
    roster: async () => {
      const roles = Map.groupBy(await store.listEveryRole(db), ({ personId }) => personId)
      return (await store.listPeople(db)).map((person) => memberOf(person, roles.get(person.id) ?? []))
    },
  }
  return people
}

/** Which row contradicts the log: the active person's, a role's or the session's. */
async function rowBesideLog(
  on: Kysely<Tables>,
  id: string,
  roles: ReadonlySet<string>,
  session: LoggedSession | undefined,
): Promise<UntrustedRow | undefined> {
  const events = await readPowerEvents(on, id, ...(session === undefined ? [] : [session.id]))
  if (session !== undefined && isSessionEnded(events, id, session)) {
    return { table: "sessions", id: session.id }
  }
  const logged = projectPerson(events, id)
  if (logged.isDeactivated) return { table: "people", id }
  const isSame = roles.size === logged.roles.size && [...roles].every((role) => logged.roles.has(role))
  return isSame ? undefined : { table: "person_roles", id }
}

function conflict(message: string, id: string): RequestError {
  return new RequestError("state_conflict", message, { details: { id } })
}
