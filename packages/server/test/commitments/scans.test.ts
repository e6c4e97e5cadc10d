import { randomUUID } from "node:crypto"
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PUSHED_SCAN_FORMAT, type PushedScan, type SharedScanReport } from "@nightlight/contract/server"
import { createSigningKey, openSigner, publicKeyPath, signDocument } from "@nightlight/vault"
import { expect, it, onTestFinished } from "vitest"
import type { ServiceActor } from "../../src/auth/actor.ts"
import { createCommitments } from "../../src/commitments/service.ts"
import { createScans } from "../../src/scans/service.ts"
import { createSources } from "../../src/sources/service.ts"
import { aPerson, createHarness } from "../cases/harness.ts"
import { aReport } from "../scans/report.ts"
import { useDatabase } from "../support/postgres.ts"

const db = useDatabase()

it("a scan proves that training data are scanned if it is complete and had something real to check with", async () => {
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
  const actor: ServiceActor = { kind: "service", id: `key-${randomUUID()}`, scopes: new Set(["findings:push"]), source }
  let count = 0
  const stateAfter = async (changes: Partial<SharedScanReport>) => {
    const report = aReport({ ...changes, scan: `s-00000${++count}` })
    const pushed = signDocument({ format: PUSHED_SCAN_FORMAT, source, report: report as never }, signer)
    await scans.receive(actor, report.scan, pushed as unknown as PushedScan)
    const { commitments } = await createCommitments(harness).standing()
    return commitments.find(({ id }) => id === "D1")
  }
  expect(await stateAfter({ screened: false })).toMatchObject({ state: "gap" })
  expect(await stateAfter({ state: "partial" })).toMatchObject({ state: "gap" })
  expect(await stateAfter({})).toMatchObject({
    ...{ state: "fresh", evidence: { control: "dataset-scan", kind: "scan.reported", countLastYear: 1 } },
  })
})
