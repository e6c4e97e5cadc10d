import { rmSync, utimesSync, writeFileSync } from "node:fs"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { findFinding } from "../src/scan/find-finding.ts"
import { reconcile } from "../src/scan/reconcile.ts"
import { runScan } from "../src/scan/run-scan.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { readScanRecords } from "../src/scan/scan-records.ts"
import { nightlight } from "./support/in-process.ts"
import { findingsOf, receiptsOf, sidecarRowsOf } from "./support/scans.ts"
import { KNOWN, requestOf, textDataset } from "./support/text-dataset.ts"

/** When each shard of the first scan was screened, by its path. */
function timesOf({ workspace }: TestWorkspace): ReadonlyMap<string, string> {
  return new Map([...receiptsOf(workspace)].map(([path, { finishedAt }]) => [path, finishedAt]))
}

/** The clean copy that another workspace with the same keys and lists makes of the present source. */
async function freshCopy(test: TestWorkspace) {
  const workspace = await copyWorkspace(test, test.pathOf(`fresh-${Math.random()}`))
  rmSync(workspace.layout.scans, { recursive: true })
  const out = test.pathOf("fresh-clean")
  rmSync(out, { recursive: true, force: true })
  await scan(workspace, { inputs: [test.pathOf("data")], out })
  return filesBelow(out)
}

const tar = (...texts: readonly string[]) => plainTar(Object.fromEntries(texts.map((text, i) => [`${i}.txt`, text])))

/** `npm run verify:long` tries every case. */
const isLong = process.env["NIGHTLIGHT_LONG"] !== undefined

const CHANGES: readonly (readonly [string, (test: TestWorkspace) => void, readonly string[]])[] = [
  ["is added before the others", (test) => writeFiles(test.pathOf("data"), { "0.tar": tar("new", KNOWN) }), []],
  ["is added behind the others", (test) => writeFiles(test.pathOf("data"), { "9.tar": tar("new", KNOWN) }), []],
  ["is replaced", (test) => writeFiles(test.pathOf("data"), { "000001.tar": tar("other words") }), ["000001.tar"]],
  ["is removed", (test) => rmSync(test.pathOf("data", "000001.tar")), ["000001.tar"]],
  ["becomes broken", (test) => writeFiles(test.pathOf("data"), { "000001.tar": "no tar" }), ["000001.tar"]],
]

describe("a finished scan whose source changed", () => {
  it.each(CHANGES.filter(([change]) => isLong || !/behind|removed/.test(change)))(
    "screens only what is new when a shard %s",
    async (_, change, changed) => {
      using test = await textDataset()
      await scan(test.workspace, requestOf(test))
      const before = timesOf(test)
      change(test)
      const { report } = await scan(test.workspace, requestOf(test))
      expect(report).toMatchObject({ scan: "s-000001", state: "complete", remaining: 0, failed: [] })
      const after = timesOf(test)
      for (const [path, time] of before) if (!changed.includes(path)) expect(after.get(path)).toBe(time)
      expect(filesBelow(test.pathOf("clean"))).toEqual(await freshCopy(test))
      expect(new Set(findingsOf(test.workspace).map(({ shard }) => shard))).toEqual(
        new Set(
          [...receiptsOf(test.workspace).values()].filter(({ knownItems }) => knownItems > 0).map((r) => r.shard.id),
        ),
      )
      const answer = await scan(test.workspace, requestOf(test))
      expect(answer.report).toEqual(report)
    },
  )

  it("joins without a clean copy too", async () => {
    using test = await textDataset(2)
    const inputs = [test.pathOf("data")]
    await scan(test.workspace, { inputs })
    const before = timesOf(test)
    writeFiles(test.pathOf("data"), { "000005.tar": tar("new", KNOWN) })
    const { report } = await scan(test.workspace, { inputs })
    expect(report).toMatchObject({ scan: "s-000001", totals: { shards: 3 }, inPlace: { items: 3 } })
    for (const [path, time] of before) expect(timesOf(test).get(path)).toBe(time)
  })

  it("joins more shards of a brace list, and refuses fewer", async () => {
    using test = await textDataset(3)
    const out = test.pathOf("clean")
    const listed = (last: number) => ({ inputs: [test.pathOf("data", `{000000..00000${last}}.tar`)], out })
    await scan(test.workspace, listed(1))
    expect((await scan(test.workspace, listed(2))).report).toMatchObject({ scan: "s-000001", totals: { shards: 3 } })
    await expect(scan(test.workspace, listed(1))).rejects.toMatchObject({ code: "output_conflict" })
    expect(Object.keys(filesBelow(out))).toHaveLength(3)
  })

  it("drops files that went from a folder, keeps those of others in the copy, and writes tables again", async () => {
    using test = await textDataset(1)
    const table = "file_name,text\na.txt,one\nb.txt,two\nc.txt,three\n"
    const loose = {
      "l/a.txt": "words a",
      "l/b.txt": "words b",
      "l/c.txt": KNOWN,
      "l/metadata.csv": table,
      "m/x/y.txt": "y",
    }
    writeFiles(test.pathOf("data"), loose)
    await scan(test.workspace, requestOf(test))
    const tar = timesOf(test).get("000000.tar")
    writeFileSync(test.pathOf("clean", "mine.txt"), "a note of the operator's own")
    rmSync(test.pathOf("data", "l", "b.txt"))
    rmSync(test.pathOf("data", "m"), { recursive: true })
    await scan(test.workspace, requestOf(test))
    const { "mine.txt": mine, ...clean } = filesBelow(test.pathOf("clean"))
    expect(mine?.toString()).toBe("a note of the operator's own")
    expect(Object.keys(clean).sort()).toEqual(["000000.tar", "l/a.txt", "l/metadata.csv"])
    expect(clean["l/metadata.csv"]?.toString()).toBe("file_name,text\na.txt,one\n")
    expect(timesOf(test).get("000000.tar")).toBe(tar)
    // Fingerprints are those of what is there now.
    expect(await sidecarRowsOf(test.workspace)).toHaveLength(2 + 1 + 1)
  })

  it("gives a finding in a separate file the same id, however the files around it are gathered", async () => {
    using test = await textDataset(1)
    writeFiles(test.pathOf("data"), { "l/b.txt": KNOWN })
    await scan(test.workspace, requestOf(test))
    const before = findingsOf(test.workspace)
      .map(({ id }) => id)
      .sort()
    writeFiles(test.pathOf("data"), { "l/a.txt": "one more before it" })
    await scan(test.workspace, requestOf(test))
    expect(
      findingsOf(test.workspace)
        .map(({ id }) => id)
        .sort(),
    ).toEqual(before)
  })

  it("keeps the findings of a replaced shard for those who push, explain or purge", async () => {
    using test = await textDataset(2)
    await scan(test.workspace, requestOf(test))
    const [first] = findingsOf(test.workspace)
    writeFiles(test.pathOf("data"), { "000000.tar": tar("clean now"), "000001.tar": tar("clean now too") })
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report).toMatchObject({ inPlace: { items: 0 }, decisions: { quarantine: 0 } })
    expect(findingsOf(test.workspace)).toEqual([])
    expect(findFinding(test.workspace, first?.id ?? "")).toEqual(first)
    const purged = await nightlight(test.root, "purge", "s-000001", "--basis", "order 1", "--dry-run", "--json")
    expect(JSON.parse(purged.out)).toMatchObject({ itemsKnown: 2, itemsRemoved: 0 })
  })

  it("counts a known item once that is at another position of its shard now, in a purge too", async () => {
    using test = await textDataset(2)
    await scan(test.workspace, requestOf(test))
    writeFiles(test.pathOf("data"), { "000000.tar": tar("one more", "words 0", KNOWN, KNOWN) })
    await scan(test.workspace, requestOf(test))
    const purged = await nightlight(test.root, "purge", "s-000001", "--basis", "order 1", "--json")
    expect(JSON.parse(purged.out)).toMatchObject({ itemsKnown: 3, itemsRemoved: 3, gone: 0, undecided: 0 })
  })

  it("begins anew for newer lists: the copy needs another output", async () => {
    using test = await textDataset(1)
    await scan(test.workspace, requestOf(test))
    await importRecords(test.workspace, [digestRecord(Buffer.from("words 0"), "sha256")], { name: "newer" })
    writeFiles(test.pathOf("data"), { "000005.tar": tar("new") })
    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })
    const elsewhere = { ...requestOf(test), out: test.pathOf("second") }
    expect((await scan(test.workspace, elsewhere)).report).toMatchObject({ scan: "s-000002", totals: { shards: 2 } })
  })

  it("ends with the same copy when it was cut off while it joined", async () => {
    using test = await textDataset(3)
    await scan(test.workspace, requestOf(test))
    const changed = ["000000", "000002", "000003", "000004", "000005", "000006", "000007"]
    writeFiles(test.pathOf("data"), Object.fromEntries(changed.map((name) => [`${name}.tar`, tar(name, KNOWN)])))
    for (const event of ["onPlan", "onProgress", "onProgress"]) {
      const stop = new AbortController()
      const watcher = { [event]: () => stop.abort() }
      await expect(runScan(test.workspace, requestOf(test), watcher, stop.signal)).rejects.toThrow()
    }
    rmSync(test.pathOf("data", "000001.tar"))
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 7 } })
    expect(filesBelow(test.pathOf("clean"))).toEqual(await freshCopy(test))
  })

  it("screens shards again that were screened under another isolation of the decoder", async () => {
    using test = await textDataset(2)
    const { report } = await scan(test.workspace, requestOf(test))
    const { workspace } = test
    const plan = await planDataset(requestOf(test).inputs, { exclude: [workspace.layout.root] }, noSignal)
    const [record] = readScanRecords(workspace.layout.scans)
    if (record === undefined) throw new Error("expected a scan")
    const job = {
      workspace,
      request: requestOf(test),
      plan,
      record,
      folder: scanFolder(workspace.layout.scans, record.scan),
    }
    const { isolation } = report.coverage
    expect((await reconcile(job, { isolation }, noSignal)).receipts.size).toBe(2)
    const other = isolation === "none" ? "bwrap" : "none"
    expect((await reconcile(job, { isolation: other }, noSignal)).receipts.size).toBe(0)
    expect(filesBelow(test.pathOf("clean"))).toEqual({})
  })
})

describe("a clean copy that was changed", () => {
  const repairs: readonly (readonly [string, (path: string) => void])[] = [
    ["has another file in a place of its own", (path) => writeFileSync(path, "something else")],
    ["lacks a file", (path) => rmSync(path)],
    ["has a file that was touched", (path) => utimesSync(path, 1, 1)],
  ]
  it.each(repairs.slice(0, isLong ? undefined : 1))(
    "is repaired when it %s, though the scan is finished",
    async (_, change) => {
      using test = await textDataset(3)
      await scan(test.workspace, requestOf(test))
      const before = filesBelow(test.pathOf("clean"))
      const times = timesOf(test)
      change(test.pathOf("clean", "000001.tar"))
      expect((await scan(test.workspace, requestOf(test))).report).toMatchObject({
        scan: "s-000001",
        state: "complete",
      })
      expect(filesBelow(test.pathOf("clean"))).toEqual(before)
      expect(timesOf(test).get("000000.tar")).toBe(times.get("000000.tar"))
      expect(timesOf(test).get("000001.tar")).not.toBe(times.get("000001.tar"))
    },
  )
})
