import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DependencyError } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { afterAll, describe, expect, it } from "vitest"
import { startAdmin } from "../../src/oversight/health/admin.ts"
import { createMetrics } from "../../src/oversight/health/metrics.ts"
import { healthRoutes } from "../../src/oversight/health/routes.ts"
import { type HealthDeps, readHealth } from "../../src/oversight/health/state.ts"
import { parseServerConfig } from "../../src/platform/config/read.ts"
import { openDatabase } from "../../src/platform/db/pool.ts"
import { installQueue } from "../../src/platform/jobs/install.ts"
import { createLog } from "../../src/platform/log.ts"
import { collectLog, testApp } from "../support/app.ts"

const db = useDatabase()
const home = await mkdtemp(join(tmpdir(), "nightlight-health-"))
afterAll(() => rm(home, { recursive: true, force: true }))
const log = createLog({ process: "test", destination: collectLog() })

const locked = {
  state: "locked",
  custody: "shared",
  environments: [],
  enrolled: 0,
  isolation: "bwrap",
  decoding: "isolated",
} as const

const SHARED = {
  custody: "shared",
  isolation: "unshare",
  decoding: "isolated",
  custodianIsolation: "bwrap",
  custodianDecoding: "isolated",
}
const gone = () => Promise.reject(new DependencyError("unavailable", "nobody answers"))

function deps(given: Partial<HealthDeps> & { readonly state?: () => Promise<unknown> } = {}): HealthDeps {
  const { state = async () => locked, ...rest } = given
  return {
    database: db.database,
    disk: { state: async () => "ready" },
    custodian: { state } as unknown as HealthDeps["custodian"],
    paths: { custodianConfig: join(home, "custodian.yaml") },
    config: parseServerConfig("version: 1"),
    isolation: async () => "unshare",
    index: { refresh: async () => undefined, state: () => ({ screens: false }) },
    ...rest,
  }
}

async function readyz(given: HealthDeps) {
  const app = await testApp({ routes: (made) => healthRoutes(made, { health: () => readHealth(given) }) })
  const answer = await app.inject({ url: "/readyz", headers: { host: "10.0.0.1" } })
  return [answer.statusCode, answer.json<Record<string, unknown>>()] as const
}

describe("/readyz", () => {
  it("is 503 before the queue is there, 200 after, with the custodian still locked", async () => {
    expect(await readyz(deps())).toEqual([
      503,
      { status: "not-ready", database: "not-migrated", disk: "ready", custodian: "locked", lists: "none", ...SHARED },
    ])
    await installQueue(db.owner, [], log)
    expect(await readyz(deps())).toEqual([
      200,
      { status: "ready", database: "ready", disk: "ready", custodian: "locked", lists: "none", ...SHARED },
    ])
  })

  it("is 503 in production where nothing isolates a decoder, and says so where that is accepted by name", async () => {
    const isolation = async () => "none" as const
    const reports = "reports: { environment: production }"
    const production = parseServerConfig(`version: 1\n${reports}`)
    const accepted = parseServerConfig(`version: 1\n${reports}\ndecoder: { withoutIsolation: accept }`)
    expect(await readyz(deps({ isolation, config: production }))).toMatchObject([
      503,
      { status: "not-ready", isolation: "none", decoding: "refused" },
    ])
    const said = { status: "ready", isolation: "none" }
    expect(await readyz(deps({ isolation, config: accepted }))).toMatchObject([200, { ...said, decoding: "accepted" }])
    expect(await readyz(deps({ isolation }))).toMatchObject([200, { ...said, decoding: "not-required" }])
    const keeper = { ...locked, isolation: "none", decoding: "refused" }
    expect(await readyz(deps({ state: async () => keeper }))).toMatchObject([
      200,
      { custodian: "locked", custodianIsolation: "none", custodianDecoding: "refused" },
    ])
  })

  it("is 503 without a database, and waits for none that hangs", async () => {
    const database = openDatabase({ host: home, user: "nobody", database: "none" })
    expect(await readyz(deps({ database }))).toMatchObject([503, { database: "unreachable" }])
    await database.close()
    const state = () => new Promise<never>(() => undefined)
    expect(await readyz(deps({ state, paths: { custodianConfig: home } }))).toMatchObject([
      200,
      { custodian: "unreachable" },
    ])
  })

  it("tells a custodian that nobody made from one that does not answer", async () => {
    expect(await readyz(deps({ state: gone }))).toMatchObject([200, { custodian: "no-key", custody: "unknown" }])
    await writeFile(join(home, "custodian.yaml"), "")
    expect(await readyz(deps({ state: gone }))).toMatchObject([200, { custodian: "unreachable" }])
  })

  it.each([
    [{ screens: true, version: 3 }, "live"],
    [{ screens: true, version: 3, fault: "index_untrusted" }, "live"],
    [{ screens: false, version: 1 }, "test-only"],
    [{ screens: false, fault: "index_untrusted" }, "refused"],
    [{ screens: false }, "none"],
  ] as const)("says of lists in state %j that they are %s", async (state, lists) => {
    const index = { refresh: gone, state: () => state }
    expect(await readyz(deps({ index }))).toMatchObject([200, { lists }])
  })
})

describe("the admin listener", () => {
  it("answers metrics and detail to this machine under its own name, and nothing else", async () => {
    const metrics = createMetrics()
    metrics.addGauge({
      name: "nightlight_good",
      help: "A.",
      labels: ["state"],
      read: async () => [{ labels: { state: "open" }, value: 2 }],
    })
    metrics.addGauge({ name: "nightlight_bad", help: "B.", labels: [], read: gone })
    metrics.request({ method: "GET", route: "/v1/cases/:caseId", status: 404, seconds: 0.01 })
    metrics.job("settle", "failed", 0.5)
    const admin = await startAdmin({
      host: "127.0.0.1",
      port: 0,
      metrics,
      detail: async () => ({ ready: true }),
    })
    const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${admin.port}${path}`, init)
    try {
      const text = await (await ask("/metrics")).text()
      expect(text).toContain('nightlight_good{state="open"} 2')
      expect(text).toContain('nightlight_http_requests_total{method="GET",route="/v1/cases/:caseId",status="4xx"} 1')
      expect(text).toContain('nightlight_jobs_total{job="settle",outcome="failed"} 1')
      expect(text).not.toMatch(/^nightlight_bad /m)
      expect(await (await ask("/health")).json()).toEqual({ ready: true })
      expect((await ask("/health", { method: "POST" })).status).toBe(403)
      expect((await ask("/other")).status).toBe(404)
      expect(await statusUnder(admin.port, "canary.example")).toBe(403)
    } finally {
      await admin.close()
    }
    await expect(ask("/health")).rejects.toThrow()
  })
})

/** `fetch` sets the host itself. */
async function statusUnder(port: number, host: string): Promise<number | undefined> {
  const { get } = await import("node:http")
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/metrics", headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on("error", reject)
  })
}
