import type { Kysely } from "kysely"
import type { Role } from "../../src/platform/auth/actor.ts"
import { insertSealed } from "../../src/platform/authority/sealed-rows.ts"
import type { Tables } from "../../src/platform/db/tables.ts"
import { transact } from "../../src/platform/events/transact.ts"
import { insertRole } from "../../src/staff/people/store.ts"

/** Somebody who is put on the staff under an id that a test chose. */
interface StaffRow {
  readonly id: string
  readonly email?: string
  readonly roles: readonly Role[]
  /** When they were made, joined and granted their roles. */
  readonly at: Date
}

const BY = "system-setup"

/** Puts people on the staff under given ids, as services would: rows that are sealed, roles that stand in the log. */
export async function putOnStaff(db: Kysely<Tables>, ...people: readonly StaffRow[]): Promise<void> {
  for (const { id, email = `${id}@example.org`, roles, at } of people) {
    await transact({ db, clock: { now: () => at } }, BY, async ({ trx, record }) => {
      await insertSealed(trx, "people", {
        id,
        name: "Somebody",
        email,
        made_at: at,
        made_by: BY,
        joined_at: at,
        deactivated_at: null,
        trained_at: null,
        renews_at: null,
        custody_key_at: null,
      })
      record({ type: "person.made", subject: id, data: { by: BY } })
      for (const role of roles) {
        await insertRole(trx, id, { role, grantedAt: at, requestedBy: BY, approvedBy: BY })
        record({ type: "role.granted", subject: id, data: { role, requestedBy: BY, approvedBy: BY } })
      }
    })
  }
}
