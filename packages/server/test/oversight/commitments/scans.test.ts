import { randomUUID } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  PUSHED_HUNT_FORMAT,
  PUSHED_SCAN_FORMAT,
  type PushedHunt,
  type PushedScan,
  type SharedScanReport,
} from "@nightlight/contract/server"
import { DATASET_LISTS_DAYS, DATASET_SCAN_DAYS, DAY_MS } from "@nightlight/core"
import { useDatabase } from "@nightlight/dev-env/database/postgres"
import { aPerson, createHarness } from "@nightlight/dev-env/server/cases"
import { signDocument } from "@nightlight/durable"
import { createSigningKey, openSigner, publicKeyPath } from "@nightlight/vault"
import { expect, it, onTestFinished } from "vitest"
import { createGuards } from "../../../src/intake/guards/service.ts"
import { newestScans } from "../../../src/intake/scans/newest-scans.ts"
import { createScans } from "../../../src/intake/scans/service.ts"
import { createSources } from "../../../src/intake/sources/service.ts"
import { currentConditions } from "../../../src/oversight/commitments/current.ts"
import { createCommitments } from "../../../src/oversight/commitments/service.ts"
import type { ServiceActor } from "../../../src/platform/auth/actor.ts"
import { aHunt, aReport } from "../../intake/scans/report.ts"

const db = useDatabase()

it("training data are scanned when the newest scan of every dataset is whole, had real lists and is not older than its lists", async () => {
  const dir = await mkdtemp(join(tmpdir(), "nl-commitments-"))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const key = join(dir, "signing.pem")
  await createSigningKey(key)
  const signer = await openSigner(key)
  const harness = createHarness(db)
  const sources = createSources(harness)
  const scans = createScans({ ...harness, sources, findingsOf: () => Promise.reject(new Error("not asked for")) })
  const publicKey = await readFile(publicKeyPath(key), "utf8")
  const { source } = await sources.enrol(aPerson("administrator"), { name: "a lab", publicKey, namesAccounts: false })
  const actor: ServiceActor = {
    kind: "service",
    id: `key-${randomUUID()}`,
    scopes: new Set(["findings:push"]),
    source,
    callsPerMinute: 1_200,
  }
  let count = 0
  const DATASETS = { one: "1".repeat(64), two: "2".repeat(64) }
  const push = async (changes: Partial<SharedScanReport>) => {
    const finishedAt = harness.clock.now().toISOString()
    const report = aReport({ finishedAt, ...changes, scan: `s-00000${++count}` })
    const pushed = signDocument({ format: PUSHED_SCAN_FORMAT, source, report: report as never }, signer)
    await scans.receive(actor, report.scan, pushed as unknown as PushedScan)
  }
  let hunts = 0
  const hunt = async (
    dataset: string,
    scan: string,
    { allShardsHunted = true, screened = true, indexVersion = 5 } = {},
  ) => {
    const huntedAt = harness.clock.now().toISOString()
    const datasets = [{ ...aHunt().datasets[0]!, dataset, scan, allShardsHunted }]
    const report = aHunt({ hunt: `h-00000${++hunts}`, huntedAt, screened, indexVersion, datasets })
    const pushed = signDocument({ format: PUSHED_HUNT_FORMAT, source, report: report as never }, signer)
    await scans.receiveHunt(actor, report.hunt, pushed as unknown as PushedHunt)
  }
  const controlOf = async (control: string) => {
    const conditions = currentConditions({
      clock: harness.clock,
      newestScans: () => newestScans(harness.db, sources),
      cases: harness.cases,
      guards: createGuards({ ...harness, sources }),
      lists: async () => ({ screens: true }),
    })
    const { commitments } = await createCommitments({ ...harness, conditions }).statuses()
    return commitments.find(({ id }) => id === "D1")?.controls.find(({ id }) => id === control)
  }
  const scanned = () => controlOf("dataset-scan")
  expect(await controlOf("hunt")).toMatchObject({ state: "no-evidence" })
  await push({ screened: false, dataset: DATASETS.one })
  expect(await scanned()).toMatchObject({ state: "no-evidence" })
  await push({ state: "partial", dataset: DATASETS.one })
  expect(await scanned()).toMatchObject({ state: "no-evidence" })
  harness.clock.move(1000)
  await push({ dataset: DATASETS.one })
  expect(await scanned()).toMatchObject({ state: "proven", evidence: { kind: "scan.reported", countLastYear: 1 } })

  // Another dataset that was never screened whole: one good scan does not speak for it.
  await push({ state: "stopped", dataset: DATASETS.two })
  expect(await scanned()).toMatchObject({ state: "not-now", share: { met: 1, of: 2 } })
  harness.clock.move(1000)
  await push({ dataset: DATASETS.two, coverage: { ...aReport().coverage, indexVersion: 5 } })
  expect(await scanned()).toMatchObject({ state: "proven", share: { met: 2, of: 2 } })

  // The workspace has had newer lists for longer than it may before the first dataset is scanned with them.
  harness.clock.move((DATASET_LISTS_DAYS + 1) * DAY_MS)
  expect(await scanned()).toMatchObject({ state: "not-now", share: { met: 1, of: 2 } })

  // A hunt with those lists counts instead, if it went through all of the newest scan and had real lists.
  await hunt(DATASETS.one, "s-000003", { allShardsHunted: false })
  await hunt(DATASETS.one, "s-000003", { screened: false })
  await hunt(DATASETS.one, "s-000003", { indexVersion: 4 })
  await hunt(DATASETS.one, "s-000002")
  await hunt(DATASETS.two, "s-000003")
  expect(await scanned()).toMatchObject({ state: "not-now", share: { met: 1, of: 2 } })
  await hunt(DATASETS.one, "s-000003")
  expect(await scanned()).toMatchObject({ state: "proven", share: { met: 2, of: 2 } })
  expect(await controlOf("hunt")).toMatchObject({
    state: "proven",
    evidence: { kind: "hunt.reported", countLastYear: 4 },
  })
  await hunt(DATASETS.two, "s-000005", { indexVersion: 6 })
  harness.clock.move((DATASET_LISTS_DAYS + 1) * DAY_MS)
  expect(await scanned()).toMatchObject({ state: "not-now", share: { met: 1, of: 2 } })
  await push({ dataset: DATASETS.one, coverage: { ...aReport().coverage, indexVersion: 6 } })
  expect(await scanned()).toMatchObject({ state: "proven" })
  harness.clock.move((DATASET_SCAN_DAYS + 1) * DAY_MS)
  expect(await scanned()).toMatchObject({ state: "not-now", share: { met: 0, of: 2 } })
})
