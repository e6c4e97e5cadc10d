import { type TestDatabase, useDatabase } from "@nightlight/dev-env/database/postgres"
import { type Installation, makeInstallation } from "@nightlight/dev-env/server/intake"
import {
  type IntakeSite,
  makeIntakeSite,
  makePusher,
  type Pusher,
  picture,
} from "@nightlight/dev-env/server/intake-site"
import { afterAll, beforeAll } from "vitest"

/** An installation, and a workspace elsewhere that pushes to it as an enrolled source. */
export interface PushingSource {
  readonly db: TestDatabase
  readonly site: IntakeSite
  readonly installation: Installation
  readonly pusher: Pusher
  /** The source's id, and its key of the service. */
  readonly source: string
  readonly key: string
  /** A picture that the installation's list knows. */
  readonly known: Uint8Array
}

/** Makes them before the tests of this file or block; the members are there once these run. */
export function usePushingSource({ namesAccounts = false } = {}): PushingSource {
  const db = useDatabase()
  const given = { db } as { -readonly [Name in keyof PushingSource]: PushingSource[Name] }
  beforeAll(async () => {
    given.site = await makeIntakeSite()
    given.known = await picture(1)
    await given.site.importListOf(await given.site.recordsOf(given.known))
    given.installation = await makeInstallation(given.site, db)
    given.pusher = await makePusher(given.site.manifest, given.site.clock, given.site.fingerprint)
    Object.assign(given, await given.installation.enrol(given.pusher, namesAccounts))
  })
  afterAll(async () => {
    await given.installation?.close()
    await given.pusher?.[Symbol.asyncDispose]()
    await given.site?.[Symbol.asyncDispose]()
  })
  return given
}
