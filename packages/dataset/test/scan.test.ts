import { existsSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { configure, importRecords, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { withLock } from "@nightlight/durable"
import { describe, expect, it } from "vitest"
import { removeWorkspaceList } from "../src/lists/lists.ts"
import { runScan } from "../src/scan/run-scan.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { scanIds } from "../src/scan/scan-records.ts"
import { openWorkspace } from "../src/workspace/open.ts"
import { nightlight } from "./support/in-process.ts"
import { receiptsOf } from "./support/scans.ts"
import { contentOf, requestOf, textDataset } from "./support/text-dataset.ts"

/** Scans until the first shard is done, as one who presses Ctrl-C. */
async function cutOff({ workspace, pathOf }: TestWorkspace): Promise<void> {
  const stop = new AbortController()
  const watcher = { onProgress: () => stop.abort() }
  const request = { inputs: [pathOf("data")], out: pathOf("clean") }
  await expect(runScan(workspace, request, watcher, stop.signal)).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  )
  expect(receiptsOf(workspace).size).toBeGreaterThan(0)
}

describe("the same command again", () => {
  it("does no work once a scan is done, and prints the same report", async () => {
    using test = await textDataset()
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const first = await nightlight(test.root, ...args)
    expect(first.exit).toBe(0)
    const before = contentOf(test.root)
    expect(await nightlight(test.root, ...args)).toEqual({ ...first, err: "" })
    expect(contentOf(test.root)).toEqual(before)
  })

  it("continues where a scan was stopped, and screens no shard twice", async () => {
    using test = await textDataset()
    await cutOff(test)
    const done = new Map([...receiptsOf(test.workspace)].map(([path, receipt]) => [path, receipt.finishedAt]))
    expect(done.size).toBeLessThan(3)
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 3, items: 9 } })
    for (const [path, finishedAt] of done) expect(receiptsOf(test.workspace).get(path)?.finishedAt).toBe(finishedAt)
  })

  it("screens again when the clean copy was removed", async () => {
    using test = await textDataset()
    await scan(test.workspace, requestOf(test))
    const copy = filesBelow(test.pathOf("clean"))
    rmSync(test.pathOf("clean"), { recursive: true })
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report.scan).toBe("s-000002")
    expect(filesBelow(test.pathOf("clean"))).toEqual(copy)
    expect((await scan(test.workspace, requestOf(test))).report).toEqual(report)
  })

  it("screens again against newer lists, when there is no output to contradict", async () => {
    using test = await textDataset(1)
    const inputs = [test.pathOf("data")]
    await scan(test.workspace, { inputs })
    await importRecords(test.workspace, [digestRecord(Buffer.from("words 0"), "sha256")], { name: "newer" })
    expect((await scan(test.workspace, { inputs })).report).toMatchObject({
      scan: "s-000002",
      decisions: { quarantine: 2 },
    })
  })

  it("finds its own workspace inside the dataset and does not read it", async () => {
    using test = await textDataset(1)
    renameSync(test.root, test.pathOf("data", "workspace"))
    const { openWorkspace } = await import("../src/workspace/open.ts")
    const workspace = await openWorkspace(test.pathOf("data", "workspace"))
    const { report } = await scan(workspace, requestOf(test))
    expect(report).toMatchObject({ totals: { items: 3 }, skipped: { excluded: 1 } })
    expect((await scan(workspace, requestOf(test))).report).toEqual(report)
    const alone = await nightlight(test.pathOf("data", "workspace"), "scan", test.pathOf("data", "workspace"))
    expect(alone.exit).toBe(2)
    expect(alone.err).toContain("The workspace itself is not read")
  })
})

describe("two commands at once", () => {
  it("make the second report that the first is running, and break nothing", async () => {
    using test = await textDataset()
    await cutOff(test)
    const { path } = scanFolder(test.workspace.layout.scans, "s-000001")
    const second = await withLock(join(path, "lock"), () =>
      nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean")),
    )
    expect(second).toMatchObject({ exit: 10, out: "" })
    expect(second.err).toContain("another process works on this scan (locked)")
    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
  })
})

describe("a change between an interrupted run and the next", () => {
  it("is taken up when it is the source: what is equal stays, the rest is screened", async () => {
    using test = await textDataset()
    await cutOff(test)
    const done = new Map([...receiptsOf(test.workspace)].map(([path, receipt]) => [path, receipt.finishedAt]))
    writeFiles(test.pathOf("data"), { "000002.tar": plainTar({ "other.txt": "other words" }) })
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 3, items: 7 } })
    for (const [path, finishedAt] of done) expect(receiptsOf(test.workspace).get(path)?.finishedAt).toBe(finishedAt)
  })

  it("is refused when a part of the input is named, so that the rest of the copy stays", async () => {
    using test = await textDataset()
    await cutOff(test)
    const part = { ...requestOf(test), inputs: [test.pathOf("data", "000001.tar")] }
    await expect(scan(test.workspace, part)).rejects.toMatchObject({
      code: "state_conflict",
      message: "the input changed since s-000001 was cut off",
    })
  })

  it("is refused when it is an option that every shard must share", async () => {
    using test = await textDataset()
    await cutOff(test)
    await expect(scan(test.workspace, { ...requestOf(test), keepOrientations: true })).rejects.toThrow(
      expect.objectContaining({ code: "state_conflict", message: "the options changed since s-000001 was cut off" }),
    )
  })

  it("is ignored when it is a new list: the scan ends with the lists it began with", async () => {
    using test = await textDataset()
    await cutOff(test)
    const words = [0, 1, 2].map((shard) => digestRecord(Buffer.from(`words ${shard}`), "sha256"))
    await importRecords(test.workspace, words, { name: "newer" })
    await importRecords(test.workspace, words.slice(1), { name: "newest" })
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report.decisions).toMatchObject({ quarantine: 3, clear: 6 })
    expect(new Set([...receiptsOf(test.workspace).values()].map(({ indexVersion }) => indexVersion))).toEqual(
      new Set([2]),
    )
  })

  it("is ignored when it is the policy: the scan ends with the one it began with", async () => {
    using test = await textDataset()
    await cutOff(test)
    const policy = readFileSync(test.workspace.policyPath, "utf8")
    writeFileSync(test.workspace.policyPath, policy.replace("decide: quarantine", "decide: block"))
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report.decisions).toMatchObject({ quarantine: 3, block: 0 })
  })

  it("takes effect when it is a setting, and the mixed result does not answer a request under one of them", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    using test = await textDataset()
    await cutOff(test)
    const under = async (from: string, to: string) => {
      configure(test.root, from, to)
      const { report } = await scan(await openWorkspace(test.root), {
        inputs: [test.pathOf("data")],
        out: test.pathOf("clean"),
      })
      return report
    }
    expect(await under("itemSeconds: 30", "itemSeconds: 60")).toMatchObject({ scan: "s-000001", state: "complete" })
    for (const [from, to] of [
      ["itemSeconds: 60", "itemSeconds: 60"],
      ["itemSeconds: 60", "itemSeconds: 30"],
    ] as const) {
      await expect(under(from, to)).rejects.toThrow(expect.objectContaining({ code: "output_conflict" }))
    }
    rmSync(test.pathOf("clean"), { recursive: true })
    expect(await under("itemSeconds: 30", "itemSeconds: 30")).toMatchObject({ scan: "s-000002", state: "complete" })
    expect(await under("itemSeconds: 30", "itemSeconds: 30")).toMatchObject({ scan: "s-000002", state: "complete" })
  })

  it("is clearly refused when it is the removal of a list", async () => {
    using test = await textDataset()
    await cutOff(test)
    await importRecords(test.workspace, [digestRecord(Buffer.from("x"), "sha256")], { name: "other" })
    await removeWorkspaceList(test.workspace, "known")
    const refused = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(refused).toMatchObject({ exit: 2 })
    expect(refused.err).toContain("the lists it was to be screened against changed since s-000001 was cut off")
    expect(refused.err).toContain("Choose another --out")
  })
})

describe("the output", () => {
  it.each([
    ["is not empty", (test: TestWorkspace) => writeFiles(test.pathOf("out"), { "mine.txt": "mine" })],
    ["is a file", (test: TestWorkspace) => writeFiles(test.pathOf(), { out: "mine" })],
    ["leads into the source by a link", (test: TestWorkspace) => symlinkSync(test.pathOf("data"), test.pathOf("out"))],
  ])("is refused when it %s", async (_, prepare) => {
    using test = await textDataset(1)
    prepare(test)
    await expect(scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("out") })).rejects.toThrow(
      expect.objectContaining({ code: "output_conflict" }),
    )
  })

  it.each(["data", "data/clean", ".", "workspace", "workspace/evidence", "workspace/scans/clean"])(
    "is refused in or around the source and the parts of the workspace: %s",
    async (place) => {
      using test = await textDataset(1)
      const before = filesBelow(test.pathOf("data"))
      const refused = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf(place))
      expect(refused.exit).toBe(2)
      expect(refused.err).toContain("(output_conflict)")
      expect(filesBelow(test.pathOf("data"))).toEqual(before)
      // Nothing was begun that a right command would trip over.
      expect(scanIds(test.workspace.layout.scans)).toEqual([])
    },
  )
})

describe("one output of several scans", () => {
  /** Another dataset, scanned with the same output. */
  const other = (test: TestWorkspace) => {
    writeFiles(test.pathOf("other"), { "000009.tar": plainTar({ "z.txt": "quite other words" }) })
    return scan(test.workspace, { inputs: [test.pathOf("other")], out: test.pathOf("clean") })
  }

  it("is not shared by two that have not written to it yet", async () => {
    using test = await textDataset()
    const stop = new AbortController()
    const watcher = { onPlan: () => stop.abort() }
    await expect(runScan(test.workspace, requestOf(test), watcher, stop.signal)).rejects.toThrow()
    expect(existsSync(test.pathOf("clean"))).toBe(false)

    await expect(other(test)).rejects.toMatchObject({ code: "state_conflict" })

    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
  })

  it("belongs to the last one: an earlier one, whose copy was removed, does not continue in it", async () => {
    using test = await textDataset()
    await cutOff(test)
    rmSync(test.pathOf("clean"), { recursive: true })
    await other(test)
    const copy = filesBelow(test.pathOf("clean"))

    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })

    expect(filesBelow(test.pathOf("clean"))).toEqual(copy)
  })
})

describe("the record of a scan", () => {
  it.each([
    ["a receipt", "receipt", (text: string) => text.replace('"quarantine": 1', '"quarantine": 0')],
    ["a findings file", "finding", (text: string) => text.replace('"decision":"quarantine"', '"decision":"review"')],
    ["a findings file", "finding", () => ""],
  ] as const)("is refused where %s was altered", async (_, part, alter) => {
    using test = await textDataset(2)
    const { report } = await scan(test.workspace, requestOf(test))
    const folder = scanFolder(test.workspace.layout.scans, report.scan)
    const [shard] = [...receiptsOf(test.workspace).values()].map(({ shard: { id } }) => id)
    const path = folder[part](shard ?? "")
    const text = readFileSync(path, "utf8")
    writeFileSync(path, alter(text))
    expect(readFileSync(path, "utf8")).not.toBe(text)
    const refused = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(refused).toMatchObject({ exit: 4, out: "" })
    expect(refused.err).toContain("(receipt_untrusted)")
    expect(refused.err).not.toContain("b.txt")
  })
})

describe("an index that was altered", () => {
  it("ends the scan before anything is matched or written, even if items were fingerprinted already", async () => {
    using test = await textDataset()
    const version = await test.workspace.refreshIndex()
    const image = join(test.workspace.layout.index, `v${String(version).padStart(6, "0")}`, "pdq.image")
    const bytes = readFileSync(image)
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
    writeFileSync(image, bytes)
    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "index_untrusted" })
    const folder = scanFolder(test.workspace.layout.scans, "s-000001")
    expect([...readdirSync(folder.receipts), ...readdirSync(folder.findings)]).toEqual([])
    expect(existsSync(test.pathOf("clean"))).toBe(false)
  })
})

describe("a receipt of another scan or shard", () => {
  it("is refused, though this workspace signed it", async () => {
    using test = await textDataset(2)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    await scan(test.workspace, requestOf(test))
    const [first, second] = ["s-000001", "s-000002"].map((id) => scanFolder(test.workspace.layout.scans, id))
    const [one = "", two = ""] = [...receiptsOf(test.workspace).values()].map(({ shard: { id } }) => id)
    const original = readFileSync(second?.receipt(one) ?? "")
    for (const other of [first?.receipt(one), second?.receipt(two)]) {
      writeFileSync(second?.receipt(one) ?? "", readFileSync(other ?? ""))
      await expect(scan(test.workspace, requestOf(test))).rejects.toThrow(
        expect.objectContaining({ code: "receipt_untrusted" }),
      )
    }
    writeFileSync(second?.receipt(one) ?? "", original)
    expect((await scan(test.workspace, requestOf(test))).report.scan).toBe("s-000002")
  })
})

describe("the indexes of finished scans", () => {
  it("are removed when there are newer ones, but those of unfinished scans are kept", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    using test = await textDataset(3)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const versions = () => readdirSync(test.workspace.layout.index).filter((name) => name.startsWith("v"))
    const before = versions().at(-1)
    await cutOff(test)
    for (const version of [1, 2, 3]) {
      await importRecords(test.workspace, [digestRecord(Buffer.from(`${version}`), "sha256")], { name: "newer" })
    }
    expect(versions()).toContain(before)
    await removeWorkspaceList(test.workspace, "newer")
    expect(versions()).toContain(before)
    await scan(test.workspace, requestOf(test))
    await importRecords(test.workspace, [digestRecord(Buffer.from("4"), "sha256")], { name: "newer" })
    expect(versions()).not.toContain(before)
  })

  it("are not missing for a scan that begins while newer ones are built", async () => {
    using test = await textDataset(1)
    const { workspace } = test
    let asked = 0
    const refreshIndex = async () => {
      const version = await workspace.refreshIndex()
      // Between the moment in which a scan has its index, and that in which its record says so.
      if (++asked > 1) return version
      for (const word of ["one", "two", "three"]) {
        await importRecords(workspace, [digestRecord(Buffer.from(word), "sha256")], { name: "newer" })
      }
      return version
    }
    const { report } = await scan({ ...workspace, refreshIndex }, requestOf(test))
    expect(report).toMatchObject({ scan: "s-000001", decisions: { quarantine: 1 } })
    expect(report.coverage.indexVersion).toBe(await workspace.refreshIndex())
  })
})
