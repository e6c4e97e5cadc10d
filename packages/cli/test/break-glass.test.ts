import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { oneObject, runCommand } from "@nightlight/dev-env/command/run-command"
import { startUp, type UpProcess } from "@nightlight/dev-env/command/up-process"
import { withEmbedded } from "@nightlight/launcher"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { openAuthority } from "../../server/src/platform/authority/authority.ts"
import { withAuthority } from "../../server/src/platform/authority/of-database.ts"
import { updateSealed } from "../../server/src/platform/authority/sealed-rows.ts"
import { readContextKey } from "../../server/src/platform/context-keys/key-file.ts"
import { openDatabase } from "../../server/src/platform/db/pool.ts"
import type { Tables } from "../../server/src/platform/db/tables.ts"

const env = { NIGHTLIGHT_PASSPHRASE: "a passphrase of a test" }
const home = await mkdtemp(join(tmpdir(), "nightlight-glass-"))
const data = join(home, "data")
const timeout = 240_000
let up: UpProcess

beforeAll(async () => {
  up = startUp(["--data", data], env)
  await up.next(({ event }) => event === "ready")
}, timeout)
afterAll(async () => {
  up.child.kill("SIGTERM")
  await up.ended
  await rm(home, { recursive: true, force: true })
}, timeout)

const run = (argv: readonly string[], given: Record<string, string> = env) =>
  runCommand(["break-glass", ...argv, "--data", data, "--json"], { env: given })
const requestArgs = ["request", "--administrator", "canary-name", "--email", "canary@example.org"]

describe("nightlight break-glass", () => {
  it("takes the custodian's passphrase, waits a day, and then makes a link that works once", { timeout }, async () => {
    const wrong = await run(requestArgs, { NIGHTLIGHT_PASSPHRASE: "another passphrase" })
    expect(wrong).toMatchObject({ exit: 2, err: expect.stringContaining("does not open the custodian's key") })
    expect(oneObject(await run(["list"]))).toEqual({ requests: [] })

    const made = oneObject(await run(requestArgs))
    const request = String(made["request"])
    expect(made).toMatchObject({ kind: "administrator", state: "waiting" })
    const waitMs = Date.parse(String(made["opensAt"])) - Date.parse(String(made["requestedAt"]))
    expect(waitMs).toBe(24 * 3_600_000)
    expect(await run(["open", request])).toMatchObject({ exit: 2, err: expect.stringContaining("must still wait") })
    expect((await alarms()).map(({ code }) => code)).toEqual(["break-glass-requested"])

    await passTheDay(request)
    const wrongly = await run(["open", request], { NIGHTLIGHT_PASSPHRASE: "another passphrase" })
    expect(wrongly).toMatchObject({ exit: 2, err: expect.stringContaining("does not open") })
    const opened = oneObject(await run(["open", request]))
    expect(opened).toMatchObject({ person: expect.stringMatching(/^person-/), url: expect.stringContaining("/join#") })
    expect(await run(["open", request])).toMatchObject({ exit: 2, err: expect.stringContaining("decided before") })
    expect((await alarms()).map(({ code }) => code)).toEqual(["break-glass-opened", "break-glass-requested"])
    expect(oneObject(await run(["list"]))).toMatchObject({ requests: [{ request, state: "done" }] })
  })

  it("accepts one request at a time, and resets only administrators", { timeout }, async () => {
    for (const argv of [
      ["request"],
      ["request", "--administrator", "X"],
      ["request", "--reset", "person-1", "--email", "a@b.example"],
    ]) {
      expect(await run(argv)).toMatchObject({ exit: 2, err: expect.stringContaining("input_invalid") })
    }
    expect(await run(["request", "--reset", "person-nobody"])).toMatchObject({ exit: 2 })
  })
})

async function alarms(): Promise<readonly { readonly code: string }[]> {
  return (await sql("SELECT code FROM alarms ORDER BY code")) as { code: string }[]
}

/** As if the request had waited long enough: its row as the service itself would have written it. */
async function passTheDay(request: string): Promise<void> {
  const authority = openAuthority([await readContextKey(join(data, "server", "context.key"))])
  await withEmbedded(data, async ({ superuser }) => {
    const database = openDatabase<Tables>(superuser)
    try {
      await withAuthority(database.kysely, authority)
        .transaction()
        .execute((trx) =>
          updateSealed(trx, "break_glass", (all) => all.where("id", "=", request), { opens_at: new Date() }),
        )
    } finally {
      await database.close()
    }
  })
}

function sql(text: string, ...values: readonly string[]): Promise<readonly unknown[]> {
  return withEmbedded(data, async ({ superuser }) => {
    const database = openDatabase(superuser)
    try {
      return (await database.pool.query(text, [...values])).rows
    } finally {
      await database.close()
    }
  })
}
