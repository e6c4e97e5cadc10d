/**
 * SQL of staff: people, their roles, relations between them, and the state of the set-up.
 * @module
 */
import { compact } from "@nightlight/core"
import type { Kysely } from "kysely"
import type { PersonId, Role } from "../../platform/auth/actor.ts"
import { authorityOf } from "../../platform/authority/of-database.ts"
import {
  checkRow,
  insertSealed,
  readOneSealed,
  readSealed,
  readSealedGood,
  type SealedRow,
  sealRow,
  updateSealed,
} from "../../platform/authority/sealed-rows.ts"
import type { Tables } from "../../platform/db/tables.ts"
import { readEvents } from "../../platform/events/read.ts"
import { RELATION_RECORDED, toRelation } from "./logged.ts"
import type { Person, PersonRelation, RelationKind, RoleHeld, SetupState } from "./types.ts"

type Db = Kysely<Tables>

/**
 * Reads one person. With `lock`, nobody changes them or their roles until the transaction ends.
 *
 * @throws {IntegrityError} `row_untrusted`, as do all functions here that read for a decision.
 */
export async function findPerson(db: Db, id: string, lock = false): Promise<Person | undefined> {
  const row = await readOneSealed(db, "people", (all) => {
    const one = all.where("id", "=", id)
    return lock ? one.forUpdate() : one
  })
  return row === undefined ? undefined : toPerson(row)
}

/** Finds the person with an e-mail address, unless they were deactivated. */
export async function findByEmail(db: Db, email: string): Promise<Person | undefined> {
  const row = await readOneSealed(db, "people", (all) =>
    all.where("email", "=", email).where("deactivated_at", "is", null),
  )
  return row === undefined ? undefined : toPerson(row)
}

/** Reads everybody, in the order in which they were added. */
export async function listPeople(db: Db): Promise<readonly Person[]> {
  return (await readSealedGood(db, "people", (all) => all.orderBy("made_at").orderBy("id"))).map(toPerson)
}

/** Inserts a person who has not joined, holds no role and has no training. */
export async function insertPerson(
  db: Db,
  person: Pick<Person, "id" | "name" | "email" | "madeAt" | "madeBy">,
): Promise<void> {
  await insertSealed(db, "people", {
    id: person.id,
    name: person.name,
    email: person.email,
    made_at: person.madeAt,
    made_by: person.madeBy,
    joined_at: null,
    deactivated_at: null,
    trained_at: null,
    renews_at: null,
    custody_key_at: null,
  })
}

/** Sets dates of a person; omitted ones stay. */
export async function updatePerson(
  db: Db,
  id: string,
  dates: Partial<Pick<Person, "joinedAt" | "deactivatedAt" | "custodyKeyAt">> & {
    readonly trainedAt?: Date
    readonly renewsAt?: Date
  },
): Promise<void> {
  await updateSealed(
    db,
    "people",
    (all) => all.where("id", "=", id),
    compact({
      joined_at: dates.joinedAt,
      deactivated_at: dates.deactivatedAt,
      custody_key_at: dates.custodyKeyAt,
      trained_at: dates.trainedAt,
      renews_at: dates.renewsAt,
    }),
  )
}

/** A role, and who holds it. */
export interface HeldBy extends RoleHeld {
  readonly personId: string
}

/** Reads a person's roles, in order of their names. */
export async function listRoles(db: Db, personId: string): Promise<readonly HeldBy[]> {
  const rows = await readSealed(db, "person_roles", (all) => all.where("person_id", "=", personId).orderBy("role"))
  return rows.map(toRole)
}

/** Reads everybody's roles, for display only. */
export async function listEveryRole(db: Db): Promise<readonly HeldBy[]> {
  return (await readSealedGood(db, "person_roles", (all) => all.orderBy("person_id").orderBy("role"))).map(toRole)
}

/** Inserts a row of `person_roles`. Its MAC covers who requested and who approved the role. */
export async function insertRole(db: Db, personId: string, held: RoleHeld): Promise<void> {
  await insertSealed(db, "person_roles", {
    person_id: personId,
    role: held.role,
    granted_at: held.grantedAt,
    requested_by: held.requestedBy,
    approved_by: held.approvedBy,
  })
}

/** Removes a role; returns whether it was there. */
export async function deleteRole(db: Db, personId: string, role: Role): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("person_roles")
    .where("person_id", "=", personId)
    .where("role", "=", role)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/**
 * Locks every administrator who can sign in, and reads their ids, so that two who leave at once see each other. Rows
 * without a valid MAC do not count.
 */
export async function lockAdministrators(db: Db): Promise<readonly string[]> {
  const read = async (lock: boolean): Promise<readonly string[]> => {
    const roles = await readSealedGood(db, "person_roles", (all) => all.where("role", "=", "administrator"))
    const ids = roles.map(({ person_id }) => person_id)
    if (ids.length === 0) return []
    const rows = await readSealedGood(db, "people", (all) => {
      const active = all.where("id", "in", ids).where("joined_at", "is not", null).where("deactivated_at", "is", null)
      return lock ? active.orderBy("id").forUpdate() : active.orderBy("id")
    })
    return rows.map(({ id }) => id)
  }
  await read(true)
  // Read again: a transaction that waited for the lock read the roles before it.
  return read(false)
}

/**
 * Reads the relations that decide on two people's independence: those between them, and all since a moment. Relations in the log
 * count as well, so that deleting a row has no effect.
 */
export async function listRelations(
  db: Db,
  one: string,
  other: string,
  since: Date,
): Promise<readonly PersonRelation[]> {
  const rows = await readSealed(db, "person_relations", (all) =>
    all.where((eb) =>
      eb.or([
        eb("at", ">", since),
        eb.and([eb("by_id", "=", one), eb("person_id", "=", other)]),
        eb.and([eb("by_id", "=", other), eb("person_id", "=", one)]),
      ]),
    ),
  )
  const relations = rows.map((row) => ({
    by: row.by_id,
    person: row.person_id,
    kind: row.kind as RelationKind,
    at: row.at,
  }))
  return [...relations, ...(await readEvents(db, { type: RELATION_RECORDED })).map(toRelation)]
}

/** Inserts a row of `person_relations` with its MAC. Nothing ever changes or deletes it. */
export async function insertRelation(db: Db, { by, person, kind, at }: PersonRelation): Promise<void> {
  await insertSealed(db, "person_relations", { by_id: by, person_id: person, kind, at })
}

/**
 * Reads the state of the set-up. With `lock`, nobody else advances it until the transaction ends.
 *
 * @throws {IntegrityError} `row_untrusted`, also if the row says that nothing began and the log says otherwise.
 */
export async function readSetup(db: Db, lock = false): Promise<SetupState> {
  const select = db.selectFrom("setup").selectAll()
  const row = await (lock ? select.forUpdate() : select).executeTakeFirstOrThrow()
  const { first_id, second_id, complete_at } = row
  // The row is made before any key exists.
  const isFresh = row.mac === "" && first_id === null && second_id === null && complete_at === null
  if (!isFresh) checkRow(db, "setup", row)
  if (first_id === null && (await readEvents(db, { type: "setup.begun", limit: 1 })).length > 0) {
    throw authorityOf(db).distrust({ table: "setup", id: "setup" })
  }
  return {
    firstId: (first_id ?? undefined) as PersonId | undefined,
    secondId: (second_id ?? undefined) as PersonId | undefined,
    completeAt: complete_at ?? undefined,
  }
}

/** Writes the state of the set-up, which {@link readSetup} locked and checked. */
export async function writeSetup(db: Db, state: SetupState): Promise<void> {
  const row = sealRow(db, "setup", {
    one: true,
    first_id: state.firstId ?? null,
    second_id: state.secondId ?? null,
    complete_at: state.completeAt ?? null,
  })
  const { one: _, ...columns } = row
  await db.updateTable("setup").set(columns).execute()
}

function toRole(row: SealedRow<"person_roles">): HeldBy {
  return {
    personId: row.person_id,
    role: row.role as Role,
    grantedAt: row.granted_at,
    requestedBy: row.requested_by,
    approvedBy: row.approved_by,
  }
}

function toPerson(row: SealedRow<"people">): Person {
  return {
    id: row.id as PersonId,
    name: row.name,
    email: row.email,
    madeAt: row.made_at,
    madeBy: row.made_by,
    joinedAt: row.joined_at ?? undefined,
    deactivatedAt: row.deactivated_at ?? undefined,
    training:
      row.trained_at === null || row.renews_at === null
        ? undefined
        : { trainedAt: row.trained_at, renewsAt: row.renews_at },
    custodyKeyAt: row.custody_key_at ?? undefined,
  }
}
