import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { withLock } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { claimScan } from "../src/scan/claim-scan.ts"
import { planScan } from "../src/scan/plan-scan.ts"
import { runScan } from "../src/scan/run-scan.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { readScanRecords } from "../src/scan/scan-records.ts"
import { requestOf, textDataset } from "./support/text-dataset.ts"

/** Child processes of this process; one that has ended may be counted for a moment. */
const children = () => process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap").length

/** Claims the scan of a request; the records in the workspace when it was known to be unfinished, undefined if it was not. */
async function recordsWhenUnfinished(test: TestWorkspace) {
  const plan = await planScan(test.workspace, requestOf(test), noSignal)
  let records: readonly string[] | undefined
  const { output } = await claimScan(test.workspace, requestOf(test), plan, noSignal, () => {
    records = readScanRecords(test.workspace.layout.scans).map((record) => record.scan)
  })
  await output?.[Symbol.asyncDispose]()
  return records
}

describe("the decoder of a scan", () => {
  it("may start before a new scan is begun", async () => {
    using test = await textDataset(1)
    expect(await recordsWhenUnfinished(test)).toEqual([])
  })

  it("may start before an interrupted scan, or one whose source changed, is continued", async () => {
    using test = await textDataset(2)
    await scan(test.workspace, { ...requestOf(test), limit: 1 })
    expect(await recordsWhenUnfinished(test)).toEqual(["s-000001"])
    await scan(test.workspace, requestOf(test))
    writeFiles(test.pathOf("data"), { "new.tar": plainTar({ "a.txt": "new words" }) })
    expect(await recordsWhenUnfinished(test)).toEqual(["s-000001"])
  })

  it("does not start where a finished scan answers the request", async () => {
    using test = await textDataset(1)
    await scan(test.workspace, requestOf(test))
    expect(await recordsWhenUnfinished(test)).toBeUndefined()
  })

  it("has ended when the scan has", async () => {
    using test = await textDataset(1)
    let during = 0
    const onPlan = () => {
      during = children()
    }
    await runScan(test.workspace, requestOf(test), { onPlan }, noSignal)
    expect(during).toBeGreaterThan(0)
    await expect.poll(children).toBe(0)
  })

  it("has ended where the output turns out to hold something else", async () => {
    using test = await textDataset(1)
    writeFiles(test.pathOf("clean"), { "other.txt": "not of this scan" })
    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })
    await expect.poll(children).toBe(0)
  })

  it("has ended where another process works on the scan", async () => {
    using test = await textDataset(2)
    const request = { inputs: [test.pathOf("data")] }
    await scan(test.workspace, { ...request, limit: 1 })
    const { path } = scanFolder(test.workspace.layout.scans, "s-000001")
    await withLock(join(path, "lock"), async () => {
      await expect(scan(test.workspace, request)).rejects.toMatchObject({ code: "locked" })
    })
    await expect.poll(children).toBe(0)
  })

  it("may fail to start without hiding why there is no scan", async () => {
    using test = await textDataset(1)
    const decoderEntry = test.pathOf("no-decoder.mjs")
    writeFileSync(decoderEntry, "process.exit(1)\n")
    writeFiles(test.pathOf("clean"), { "other.txt": "not of this scan" })
    const failed = scan(test.workspace, { ...requestOf(test), decoderEntry })
    await expect(failed).rejects.toMatchObject({ code: "output_conflict" })
    await expect.poll(children).toBe(0)
  })
})
