import { mkdirSync, readFileSync, rmSync, truncateSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { runScan } from "../src/scan/run-scan.ts"
import { nightlight } from "./support/in-process.ts"
import { findingsOf, receiptsOf } from "./support/scans.ts"
import { contentOf, KNOWN, requestOf, textDataset } from "./support/text-dataset.ts"

describe("--stop-after", () => {
  it("stops for a person's review, stays stopped, and continues when told to", async () => {
    using test = await textDataset(6)
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const stopped = await nightlight(test.root, ...args, "--stop-after", "1")
    expect(stopped.exit).toBe(50)
    const { state, totals } = JSON.parse(stopped.out)
    expect(state).toBe("stopped")
    // Two shards are under way at once: both are finished, no third is begun.
    expect(totals.shards).toBeLessThanOrEqual(2)
    expect(await nightlight(test.root, ...args, "--stop-after", "1")).toMatchObject({ exit: 50 })
    const whole = await nightlight(test.root, ...args, "--stop-after", "100")
    expect(whole.exit).toBe(0)
    expect(JSON.parse(whole.out)).toMatchObject({ state: "complete", totals: { shards: 6 } })
  })
})

describe("exit codes of a scan", () => {
  it("fail on the requested decision and nothing milder", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "film.mp4": Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1") })
    writeFiles(test.pathOf("data"), {
      "known.txt": KNOWN,
      "a.txt": "clear ".repeat(100),
      "b.txt": "words ".repeat(100),
    })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "md5")])
    const exitOn = async (level: string) =>
      (await nightlight(test.root, "scan", test.pathOf("data"), "--fail-on", level)).exit
    expect(await exitOn("quarantine")).toBe(0)
    expect(await exitOn("review")).toBe(1)
    expect(await exitOn("inconclusive")).toBe(1)
    expect((await nightlight(test.root, "scan", test.pathOf("data"), "--quiet")).out).toBe("")
  })

  it("report `unscreened` without a real list, whatever --fail-on says", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "a.txt": "words" })
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean")]
    const result = await nightlight(test.root, ...args, "--fail-on", "inconclusive")
    expect(result.exit).toBe(3)
    expect(result.out).toContain("UNSCREENED")
  })

  it("are those of wrong use where the input is missing or empty", async () => {
    using test = await textDataset(1)
    mkdirSync(test.pathOf("empty"))
    for (const input of [test.pathOf("nowhere"), test.pathOf("empty")]) {
      expect(await nightlight(test.root, "scan", input)).toMatchObject({ exit: 2, out: "" })
    }
  })
})

describe("--dry-run", () => {
  it("reports what would be screened and changes nothing", async () => {
    using test = await textDataset(2)
    const before = contentOf(test.root)
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--dry-run"]
    const preview = await nightlight(test.root, ...args, "--json")
    expect(preview.exit).toBe(0)
    expect(JSON.parse(preview.out)).toMatchObject({ shards: 2, kinds: { tar: 2 }, screened: true })
    expect(contentOf(test.root)).toEqual(before)
    expect(() => filesBelow(test.pathOf("clean"))).toThrow(expect.objectContaining({ code: "ENOENT" }))
  })
})

describe("a broken tar", () => {
  it("is set aside, the items before the break are found and sealed, and the other shards are screened", async () => {
    using test = await testWorkspace({ custody: "seal" })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    const broken = join(test.pathOf("data"), "000000.tar")
    writeFiles(test.pathOf("data"), {
      "000000.tar": plainTar({ "a.txt": KNOWN, "b.txt": "words", "c.txt": "cut ".repeat(500) }),
      "000001.tar": plainTar({ ...sample("x", await jpeg(1)) }),
    })
    truncateSync(broken, 3 * 1024 + 100)
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const result = await nightlight(test.root, ...args)
    expect(result.exit).toBe(42)
    expect(JSON.parse(result.out)).toMatchObject({
      state: "complete",
      poison: [{ path: "000000.tar", code: "shard_malformed" }],
      sealed: { withContent: 1 },
      inPlace: { items: 1, shards: [{ path: "000000.tar", items: 1 }] },
    })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["000001.tar"])
    expect(findingsOf(test.workspace)).toHaveLength(1)
    expect(await nightlight(test.root, ...args)).toMatchObject({ exit: 42, out: result.out })
  })
})

describe("a shard that vanishes or changes during a scan", () => {
  /** Changes a file whenever the scan has planned, the given number of times. */
  const changing = (path: string, times: number) => {
    let seconds = 1
    return { onPlan: () => seconds <= times && utimesSync(path, seconds, seconds++) }
  }

  it("is planned again and screened in the same run when it changed", async () => {
    using test = await textDataset(3)
    const failures: string[] = []
    const watcher = {
      ...changing(test.pathOf("data", "000002.tar"), 2),
      onShardFailed: ({ path }: { readonly path: string }) => failures.push(path),
    }
    const { report } = await runScan(test.workspace, requestOf(test), watcher, noSignal)
    expect(report).toMatchObject({ state: "complete", totals: { shards: 3 }, failed: [], remaining: 0 })
    expect(failures).toEqual([])
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["000000.tar", "000001.tar", "000002.tar"])
  })

  it("is not in the scan when it vanished", async () => {
    using test = await textDataset(3)
    const path = test.pathOf("data", "000002.tar")
    const watcher = { onPlan: () => rmSync(path, { force: true }) }
    const { report } = await runScan(test.workspace, requestOf(test), watcher, noSignal)
    expect(report).toMatchObject({ state: "complete", totals: { shards: 2 } })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["000000.tar", "000001.tar"])
  })

  it("waits for another run when it keeps changing, and the others are screened", async () => {
    using test = await textDataset(3)
    const watcher = changing(test.pathOf("data", "000002.tar"), 9)
    const { report } = await runScan(test.workspace, requestOf(test), watcher, noSignal)
    expect(report).toMatchObject({
      state: "partial",
      totals: { shards: 2 },
      remaining: 1,
      failed: [{ path: "000002.tar", code: "source_changed" }],
    })
    expect(Object.keys(filesBelow(test.pathOf("clean")))).toEqual(["000000.tar", "000001.tar"])
    expect((await scan(test.workspace, requestOf(test))).report).toMatchObject({ scan: "s-000001", state: "complete" })
  })

  it("fails without an output too, and its unread items do not count as inconclusive", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    writeFiles(test.pathOf("data"), { "a.txt": "words", "b.txt": "more" })
    const watcher = changing(test.pathOf("data", "b.txt"), 9)
    const { report } = await runScan(test.workspace, { inputs: [test.pathOf("data")] }, watcher, noSignal)
    expect(report.failed).toEqual([{ path: expect.stringMatching(/^files-/), code: "source_changed" }])
    expect(report.causes).toEqual({})
  })

  it("keeps a table about other shards for the run in which those are done", async () => {
    using test = await textDataset(2)
    const table = "file_name,text\na.txt,one\nb.txt,two\n"
    writeFiles(test.pathOf("data"), {
      "loose/a.txt": "loose words",
      "loose/b.txt": "other",
      "loose/metadata.csv": table,
    })
    const watcher = changing(test.pathOf("data", "loose", "b.txt"), 9)
    expect((await runScan(test.workspace, requestOf(test), watcher, noSignal)).report.state).toBe("partial")
    expect(() => readFileSync(test.pathOf("clean", "loose", "metadata.csv"))).toThrow()
    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
    expect(readFileSync(test.pathOf("clean", "loose", "metadata.csv"), "utf8")).toBe(table)
  })
})

describe("a failure that affects all shards", () => {
  it("ends the run at once when no decoder starts, and makes nothing inconclusive", async () => {
    using test = await textDataset(4)
    const decoderEntry = test.folder.write("no-decoder.mjs", "process.exit(1)\n")
    await expect(scan(test.workspace, { ...requestOf(test), decoderEntry })).rejects.toThrow(
      expect.objectContaining({ code: "decoder_unavailable" }),
    )
    expect(receiptsOf(test.workspace).size).toBe(0)
    expect((await scan(test.workspace, requestOf(test))).report.decisions).toMatchObject({ inconclusive: 0 })
  })

  it("ends the other shard in progress too when evidence was tampered with, before anything becomes inconclusive", async () => {
    using test = await textDataset(6)
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const { evidence } = test.workspace.layout
    for (const name of Object.keys(filesBelow(evidence)).filter((file) => file.endsWith(".age"))) {
      truncateSync(join(evidence, name), 50)
    }
    const refused = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(refused).toMatchObject({ exit: 4 })
    expect(refused.err).toContain("(evidence_digest_mismatch)")
    for (const { causes } of receiptsOf(test.workspace, "s-000002").values()) expect(causes).toEqual({})
    expect(findingsOf(test.workspace, "s-000002")).toEqual([])
  })
})
