/**
 * SQL of staff: people, their roles, who made or granted whom, and how far set-up has come.
 * @module
 */
import type { Kysely, Selectable } from "kysely"
import type { PersonId, Role } from "../auth/actor.ts"
import type { Tables } from "../db/tables.ts"
import type { PeopleTables } from "./tables.ts"
import type { Person, RoleHeld, SetupState, Tie, TieKind } from "./types.ts"

type Db = Kysely<Tables>

/** Reads one person. `lock`: nobody changes them or their roles until the transaction ends. */
export async function findPerson(db: Db, id: string, lock = false): Promise<Person | undefined> {
  const select = db.selectFrom("people").selectAll().where("id", "=", id)
  const row = await (lock ? select.forUpdate() : select).executeTakeFirst()
  return row === undefined ? undefined : toPerson(row)
}

/** Finds who signs in with an e-mail address: nobody who was deactivated. */
export async function findByEmail(db: Db, email: string): Promise<Person | undefined> {
  const row = await db
    .selectFrom("people")
    .selectAll()
    .where("email", "=", email)
    .where("deactivated_at", "is", null)
    .executeTakeFirst()
  return row === undefined ? undefined : toPerson(row)
}

/** Reads everybody, in the order in which they came. */
export async function listPeople(db: Db): Promise<readonly Person[]> {
  const rows = await db.selectFrom("people").selectAll().orderBy("made_at").orderBy("id").execute()
  return rows.map(toPerson)
}

/** Adds a person without any role. */
export async function insertPerson(
  db: Db,
  person: Pick<Person, "id" | "name" | "email" | "madeAt" | "madeBy">,
): Promise<void> {
  await db
    .insertInto("people")
    .values({
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
    .execute()
}

/** Sets dates of a person; what is not given stays. */
export async function updatePerson(
  db: Db,
  id: string,
  dates: Partial<Pick<Person, "joinedAt" | "deactivatedAt" | "custodyKeyAt">> & {
    readonly trainedAt?: Date
    readonly renewsAt?: Date
  },
): Promise<void> {
  await db
    .updateTable("people")
    .set({
      ...(dates.joinedAt !== undefined && { joined_at: dates.joinedAt }),
      ...(dates.deactivatedAt !== undefined && { deactivated_at: dates.deactivatedAt }),
      ...(dates.custodyKeyAt !== undefined && { custody_key_at: dates.custodyKeyAt }),
      ...(dates.trainedAt !== undefined && { trained_at: dates.trainedAt }),
      ...(dates.renewsAt !== undefined && { renews_at: dates.renewsAt }),
    })
    .where("id", "=", id)
    .execute()
}

/** Reads the roles of one person, or everybody's. */
export async function listRoles(
  db: Db,
  personId?: string,
): Promise<readonly (RoleHeld & { readonly personId: string })[]> {
  let select = db.selectFrom("person_roles").selectAll().orderBy("person_id").orderBy("role")
  if (personId !== undefined) select = select.where("person_id", "=", personId)
  const rows = await select.execute()
  return rows.map((row) => ({
    personId: row.person_id,
    role: row.role as Role,
    grantedAt: row.granted_at,
    askedBy: row.asked_by,
    secondedBy: row.seconded_by,
  }))
}

/** Adds a role. */
export async function insertRole(db: Db, personId: string, held: RoleHeld): Promise<void> {
  await db
    .insertInto("person_roles")
    .values({
      person_id: personId,
      role: held.role,
      granted_at: held.grantedAt,
      asked_by: held.askedBy,
      seconded_by: held.secondedBy,
    })
    .execute()
}

/** Takes a role away; whether it was there. */
export async function deleteRole(db: Db, personId: string, role: Role): Promise<boolean> {
  const { numDeletedRows } = await db
    .deleteFrom("person_roles")
    .where("person_id", "=", personId)
    .where("role", "=", role)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Locks every administrator who can sign in, and reads their ids: two who leave at once see each other. */
export async function lockAdministrators(db: Db): Promise<readonly string[]> {
  const administrators = db
    .selectFrom("people")
    .innerJoin("person_roles", "person_roles.person_id", "people.id")
    .select("people.id")
    .where("role", "=", "administrator")
    .where("joined_at", "is not", null)
    .where("deactivated_at", "is", null)
    .orderBy("people.id")
  await administrators.forUpdate("people").execute()
  // Read again: whoever waited for the lock had read the roles before it.
  return (await administrators.execute()).map(({ id }) => id)
}

/** Reads the ties that speak of two people's independence: those between them, and everybody's since a moment. */
export async function listTies(db: Db, one: string, other: string, since: Date): Promise<readonly Tie[]> {
  const rows = await db
    .selectFrom("person_ties")
    .select(["by_id", "person_id", "kind", "at"])
    .where((eb) =>
      eb.or([
        eb("at", ">", since),
        eb.and([eb("by_id", "=", one), eb("person_id", "=", other)]),
        eb.and([eb("by_id", "=", other), eb("person_id", "=", one)]),
      ]),
    )
    .execute()
  return rows.map((row) => ({ by: row.by_id, person: row.person_id, kind: row.kind as TieKind, at: row.at }))
}

/** Adds a tie. */
export async function insertTie(db: Db, { by, person, kind, at }: Tie): Promise<void> {
  await db.insertInto("person_ties").values({ by_id: by, person_id: person, kind, at }).execute()
}

/** Reads how far set-up has come. `lock`: nobody else takes a step of it until the transaction ends. */
export async function readSetup(db: Db, lock = false): Promise<SetupState> {
  const select = db.selectFrom("setup").selectAll()
  const row = await (lock ? select.forUpdate() : select).executeTakeFirstOrThrow()
  return {
    firstId: (row.first_id ?? undefined) as PersonId | undefined,
    secondId: (row.second_id ?? undefined) as PersonId | undefined,
    completeAt: row.complete_at ?? undefined,
  }
}

/** Writes how far set-up has come. */
export async function writeSetup(db: Db, state: SetupState): Promise<void> {
  await db
    .updateTable("setup")
    .set({
      first_id: state.firstId ?? null,
      second_id: state.secondId ?? null,
      complete_at: state.completeAt ?? null,
    })
    .execute()
}

function toPerson(row: Selectable<PeopleTables["people"]>): Person {
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
