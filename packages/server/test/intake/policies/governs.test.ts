import { randomBytes, randomUUID } from "node:crypto"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compact } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { importRecords } from "@nightlight/dev-env/dataset/workspaces"
import { createHarness } from "@nightlight/dev-env/server/cases"
import { generateIdentity, recipientOf, toKeyedDigest } from "@nightlight/vault"
import type { FastifyInstance } from "fastify"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { initWorkspace } from "../../../../dataset/src/workspace/init.ts"
import { openWorkspace } from "../../../../dataset/src/workspace/open.ts"
import { createIncoming, type Incoming } from "../../../src/intake/feature.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import type { Actor } from "../../../src/platform/auth/actor.ts"
import { openContextKeys } from "../../../src/platform/context-keys/context-keys.ts"
import { openCustodianClient } from "../../../src/platform/custodian/client.ts"
import type { Shared } from "../../../src/platform/shared.ts"
import { approvalRoutes } from "../../../src/staff/approvals/routes.ts"
import { testApp } from "../../support/app.ts"
import { aRecord } from "../../support/list-folder.ts"
import { addMember, openStaff, type Staff } from "../../support/staff.ts"
import { policyText } from "./policy-site.ts"

const db = useDatabase()
const key: Actor = {
  kind: "service",
  id: `key-${randomUUID()}`,
  scopes: new Set(["screen"]),
  source: undefined,
  callsPerMinute: 1_200,
}
let dir: string
let staff: Staff
let shared: Shared
/** Two server processes on one database and one data folder. */
let servers: readonly { readonly app: FastifyInstance; readonly incoming: Incoming }[]
const people = new Map<string, Actor>()

/** A server process, as the room makes it. */
async function startServer() {
  const incoming = createIncoming(shared, {
    staff,
    casework: createHarness(db),
    sources: createSources(shared),
    onVerified: async () => undefined,
  })
  const app = await testApp({
    authenticate: async ({ headers }) => people.get(String(headers["x-person"])) ?? key,
    features: incoming.features,
    routes: (on) => approvalRoutes(on, { approvals: staff.approvals }),
  })
  return { app, incoming }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "nl-governs-"))
  await initWorkspace(dir, {
    custody: "locate",
    basis: null,
    custodians: [await recipientOf(await generateIdentity())],
    recovery: await recipientOf(await generateIdentity()),
  })
  await importRecords(await openWorkspace(dir), [aRecord(1)])
  staff = await openStaff(db.database)
  shared = {
    db: staff.db,
    clock: staff.clock,
    contextKeys: openContextKeys(randomBytes(32)),
    digests: toKeyedDigest(randomBytes(32)),
    custodian: openCustodianClient(join(dir, "nobody.sock")),
    jobs: { enqueue: async () => undefined },
    paths: { workspace: dir },
    config: { screen: { concurrency: 64 } },
  } as unknown as Shared
  servers = [await startServer(), await startServer()]
})
afterAll(async () => {
  for (const { app, incoming } of servers ?? []) {
    await app.close()
    await incoming.close()
  }
  await staff?.app.close()
  await rm(dir, { recursive: true, force: true })
})

async function call(person: string, method: "GET" | "POST", url: string, body?: object) {
  const headers = { host: "localhost", "x-person": person }
  const answer = await servers[0]!.app.inject(compact({ method, url, headers, payload: body }))
  return { status: answer.statusCode, body: answer.json() }
}
/** Each server's answer about a hash that a trusted list names. */
const screened = () =>
  Promise.all(
    servers.map(async ({ app }) => {
      const payload = { kind: "hash", sha256: aRecord(1).hash }
      const answer = await app.inject({ method: "POST", url: "/v1/screen", headers: { host: "localhost" }, payload })
      return answer.json().decision
    }),
  )

describe("the active version", () => {
  it("decides in every server within a second, while the workspace's file does not change", async () => {
    expect(await screened()).toEqual(["review", "review"])
    for (const role of ["policy-editor", "counsel"] as const) {
      people.set(role, await (await addMember(staff, role)).actor())
    }
    const file = await readFile(join(dir, "policy.yaml"), "utf8")
    const { body: kept } = await call("policy-editor", "POST", "/v1/policies", { text: policyText(2, "", "block") })

    expect((await call("policy-editor", "POST", `/v1/policies/${kept.digest}/shadow`)).status).toBe(200)
    staff.clock.move(1000)
    expect(await screened()).toEqual(["review", "review"])
    await servers[1]!.incoming.policy.flush()
    const shadow = await call("counsel", "GET", `/v1/policies/${kept.digest}/shadow`)
    expect(shadow.body.runs[0]).toMatchObject({ screened: 2, moves: [{ from: "review", to: "block", count: 2 }] })

    const { body: asked } = await call("policy-editor", "POST", `/v1/policies/${kept.digest}/activate`)
    expect((await call("counsel", "POST", `/v1/approvals/${asked.approvalId}/approve`)).status).toBe(200)
    staff.clock.move(1000)
    expect(await screened()).toEqual(["block", "block"])
    const restarted = await startServer()
    expect((await restarted.incoming.policy.at("screen")).digest).toBe(kept.policyDigest)
    await restarted.app.close()
    await restarted.incoming.close()

    expect(await readFile(join(dir, "policy.yaml"), "utf8")).toBe(file)
    const { body: list } = await call("counsel", "GET", "/v1/policies")
    expect(list).toMatchObject({ active: kept.digest, file: { state: "differs", known: true } })
  })

  it("still decides when the workspace's file breaks, also after a restart", async () => {
    await writeFile(join(dir, "policy.yaml"), "name: broken\n")
    staff.clock.move(1000)
    expect(await screened()).toEqual(["block", "block"])
    const restarted = await startServer()
    expect((await restarted.incoming.policy.at("screen")).version).toBe(2)
    await restarted.app.close()
    await restarted.incoming.close()
  })
})
