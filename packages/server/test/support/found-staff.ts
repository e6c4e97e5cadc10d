import { type TestDatabase, useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, beforeAll } from "vitest"
import { found, type Member, openStaff, type Staff } from "./staff.ts"

/** An installation of its first two administrators. */
export interface FoundStaff {
  readonly db: TestDatabase
  readonly staff: Staff
  /** Written anew by a test after which somebody signs in differently. */
  first: Member
  second: Member
}

/** Makes it before the tests of this file; the members are there once these run. */
export function useFoundStaff(options?: Parameters<typeof openStaff>[1]): FoundStaff {
  const db = useDatabase()
  const made = { db } as { -readonly [Name in keyof FoundStaff]: FoundStaff[Name] }
  beforeAll(async () => {
    made.staff = await openStaff(db.database, options)
    Object.assign(made, await found(made.staff))
  })
  afterAll(() => made.staff.app.close())
  return made
}
