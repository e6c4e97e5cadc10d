import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson } from "@nightlight/dev-env/server/cases"
import { movingClock } from "@nightlight/dev-env/server/clock"
import { createSigningKey, publicKeyPath } from "@nightlight/vault"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { buildApp } from "../../../src/app/build-app.ts"
import { sourceRoutes } from "../../../src/intake/sources/routes.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Actor } from "../../../src/platform/auth/actor.ts"
import { readEvents } from "../../../src/platform/events/read.ts"
import { createLog } from "../../../src/platform/log.ts"

const db = useDatabase()
const actors = new Map<string, Actor>()
let app: Awaited<ReturnType<typeof buildApp>>
let dir: string
let publicKey: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nl-source-"))
  await createSigningKey(join(dir, "signing.pem"))
  publicKey = await readFile(publicKeyPath(join(dir, "signing.pem")), "utf8")
  const sources = createSources({ db: db.database.kysely, clock: movingClock() })
  app = await buildApp({
    origins: ["http://localhost"],
    log: createLog({ process: "test", level: "silent" }),
    authenticate: async ({ headers }) => actors.get(headers.authorization ?? ""),
    features: [{ name: "sources", routes: (to) => sourceRoutes(to, { sources }) }],
  })
  const administrator = aPerson("administrator")
  actors.set("administrator", administrator)
  actors.set("stepped-up", { ...administrator, steppedUpUntil: new Date("2100-01-01") })
  actors.set("auditor", aPerson("auditor"))
  actors.set("reviewer", aPerson("reviewer"))
})
afterAll(async () => {
  await app?.close()
  await rm(dir, { recursive: true, force: true })
})

async function call(as: string, method: "GET" | "POST", url: string, payload?: object) {
  const headers = { host: "localhost", authorization: as }
  const answer = await app.inject(compact({ method, url, headers, payload }))
  return { status: answer.statusCode, body: answer.json() }
}

describe("sources", () => {
  it("are enrolled and ended by an administrator who has just proven themselves, and by nobody else", async () => {
    const body = { name: "pictures team", publicKey }
    expect((await call("administrator", "POST", "/v1/sources", body)).body).toMatchObject({ type: "step_up_required" })
    for (const as of ["auditor", "reviewer"]) expect((await call(as, "POST", "/v1/sources", body)).status).toBe(403)
    expect((await call("nobody", "POST", "/v1/sources", body)).status).toBe(401)
    const made = await call("stepped-up", "POST", "/v1/sources", body)
    expect(made).toMatchObject({ status: 201, body: { name: "pictures team", namesAccounts: false } })
    expect((await call("stepped-up", "POST", "/v1/sources", body)).status).toBe(409)
    const { source } = made.body
    expect((await call("auditor", "GET", "/v1/sources")).body.sources).toEqual([made.body])
    expect((await call("reviewer", "GET", "/v1/sources")).status).toBe(403)
    expect((await call("reviewer", "GET", "/v1/sources/names")).body).toEqual({
      sources: [{ source, name: "pictures team" }],
    })

    const ended = await call("stepped-up", "POST", `/v1/sources/${source}/revoke`)
    expect(ended.body).toMatchObject({ source, revokedAt: expect.any(String) })
    expect((await call("stepped-up", "POST", `/v1/sources/${source}/revoke`)).body).toEqual(ended.body)
    const events = await readEvents(db.database.kysely, { subject: source })
    expect(events.map(({ type }) => type)).toEqual(["source.enrolled", "source.revoked"])
    expect(JSON.stringify(events)).not.toContain("pictures team")
  })

  it("are refused with a private key, another kind of key, or a name that would change a screen", async () => {
    const secret = await readFile(join(dir, "signing.pem"), "utf8")
    const bad = [
      { name: "a", publicKey: secret },
      { name: "a", publicKey: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" },
      { name: "a\u001b[2J", publicKey },
      { name: "", publicKey },
      { name: "a", publicKey, extra: 1 },
    ]
    for (const body of bad) expect((await call("stepped-up", "POST", "/v1/sources", body)).status).toBe(400)
    const missing = "/v1/sources/source-00000000-0000-4000-8000-000000000000/revoke"
    expect((await call("stepped-up", "POST", missing)).status).toBe(404)
  })
})
