import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { withLock } from "@nightlight/vault/durable"
import { describe, expect, it } from "vitest"
import { removeWorkspaceList } from "../src/lists/lists.ts"
import { runScan } from "../src/scan/run-scan.ts"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { sample, writeFiles } from "./support/datasets.ts"
import { nightlight } from "./support/in-process.ts"
import { digestRecord, jpeg } from "./support/pictures.ts"
import { findingsOf, receiptsOf } from "./support/scans.ts"
import { filesBelow, noSignal, plainTar } from "./support/shards.ts"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "./support/workspaces.ts"

const KNOWN = "words that a list knows"
const known = digestRecord(Buffer.from(KNOWN), "sha256")

/** A dataset of `shards` small tars, in each of which one text is known, and a workspace whose list knows it. */
async function textDataset(shards = 3): Promise<TestWorkspace> {
  const test = await testWorkspace()
  for (let shard = 0; shard < shards; shard++) {
    writeFiles(test.at("data"), {
      [`00000${shard}.tar`]: plainTar({ "a.txt": `words ${shard}`, "b.txt": KNOWN, "c.txt": `more words ${shard}` }),
    })
  }
  await importRecords(test.workspace, [known])
  return test
}

/** Scans until the first shard is done, as one who presses Ctrl-C. */
async function cutOff({ workspace, at }: TestWorkspace): Promise<void> {
  const stop = new AbortController()
  const watcher = { onProgress: () => stop.abort() }
  const request = { inputs: [at("data")], out: at("clean") }
  await expect(runScan(workspace, request, watcher, stop.signal)).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  )
  expect(receiptsOf(workspace).size).toBeGreaterThan(0)
}

/** What lies in a workspace, apart from locks, which count up whenever they are held. */
function contentOf(root: string) {
  return Object.fromEntries(Object.entries(filesBelow(root)).filter(([path]) => !path.endsWith(".lock")))
}

const requestOf = ({ at }: TestWorkspace) => ({ inputs: [at("data")], out: at("clean") })

describe("the same command again", () => {
  it("does no work once a scan is done, and prints the same report", async () => {
    using test = await textDataset()
    const args = ["scan", test.at("data"), "--out", test.at("clean"), "--json"]
    const first = await nightlight(test.root, ...args)
    expect(first.exit).toBe(0)
    const before = contentOf(test.root)
    expect(await nightlight(test.root, ...args)).toEqual({ ...first, err: "" })
    expect(contentOf(test.root)).toEqual(before)
  })

  it("goes on where a scan was stopped, and screens no shard twice", async () => {
    using test = await textDataset()
    await cutOff(test)
    const done = new Map([...receiptsOf(test.workspace)].map(([path, receipt]) => [path, receipt.finishedAt]))
    expect(done.size).toBeLessThan(3)
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 3, items: 9 } })
    for (const [path, finishedAt] of done) expect(receiptsOf(test.workspace).get(path)?.finishedAt).toBe(finishedAt)
  })

  it("screens anew when the clean copy was taken away", async () => {
    using test = await textDataset()
    await scan(test.workspace, requestOf(test))
    const copy = filesBelow(test.at("clean"))
    rmSync(test.at("clean"), { recursive: true })
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report.scan).toBe("s-000002")
    expect(filesBelow(test.at("clean"))).toEqual(copy)
    expect((await scan(test.workspace, requestOf(test))).report).toEqual(report)
  })

  it("screens anew against lists that came since, without an output to contradict", async () => {
    using test = await textDataset(1)
    const inputs = [test.at("data")]
    await scan(test.workspace, { inputs })
    await importRecords(test.workspace, [digestRecord(Buffer.from("words 0"), "sha256")], { name: "newer" })
    expect((await scan(test.workspace, { inputs })).report).toMatchObject({
      scan: "s-000002",
      decisions: { quarantine: 2 },
    })
  })

  it("finds its own workspace inside the dataset and does not read it", async () => {
    using test = await textDataset(1)
    renameSync(test.root, test.at("data", "workspace"))
    const { openWorkspace } = await import("../src/workspace/open.ts")
    const workspace = await openWorkspace(test.at("data", "workspace"))
    const { report } = await scan(workspace, requestOf(test))
    expect(report).toMatchObject({ totals: { items: 3 }, skipped: { excluded: 1 } })
    expect((await scan(workspace, requestOf(test))).report).toEqual(report)
  })
})

describe("two commands at once", () => {
  it("has the second say that the first is at work, and breaks nothing", async () => {
    using test = await textDataset()
    await cutOff(test)
    const { path } = scanFolder(test.workspace.layout.scans, "s-000001")
    const second = await withLock(join(path, "lock"), () =>
      nightlight(test.root, "scan", test.at("data"), "--out", test.at("clean")),
    )
    expect(second).toMatchObject({ exit: 10, out: "" })
    expect(second.err).toContain("another process works on this scan (locked)")
    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
  })
})

describe("what changes between a cut-off and the next run", () => {
  it("is refused when it is the source", async () => {
    using test = await textDataset()
    await cutOff(test)
    writeFiles(test.at("data"), { "000002.tar": plainTar({ "other.txt": "other words" }) })
    const refused = await nightlight(test.root, "scan", test.at("data"), "--out", test.at("clean"))
    expect(refused).toMatchObject({ exit: 2 })
    expect(refused.err).toContain("the source changed since s-000001 was cut off (state_conflict)")
  })

  it("is refused when it is an option that every shard must share", async () => {
    using test = await textDataset()
    await cutOff(test)
    await expect(scan(test.workspace, { ...requestOf(test), keepOrientations: true })).rejects.toThrow(
      expect.objectContaining({ code: "state_conflict", message: "the options changed since s-000001 was cut off" }),
    )
  })

  it("is not looked at when it is a list that came: the scan ends with those it began with", async () => {
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

  it("is not looked at when it is the policy: the scan ends with the one it began with", async () => {
    using test = await textDataset()
    await cutOff(test)
    const policy = readFileSync(test.workspace.policyPath, "utf8")
    writeFileSync(test.workspace.policyPath, policy.replace("decide: quarantine", "decide: block"))
    const { report } = await scan(test.workspace, requestOf(test))
    expect(report.decisions).toMatchObject({ quarantine: 3, block: 0 })
  })

  it("is a clear refusal when a list was removed", async () => {
    using test = await textDataset()
    await cutOff(test)
    await importRecords(test.workspace, [digestRecord(Buffer.from("x"), "sha256")], { name: "other" })
    await removeWorkspaceList(test.workspace, "known")
    const refused = await nightlight(test.root, "scan", test.at("data"), "--out", test.at("clean"))
    expect(refused).toMatchObject({ exit: 2 })
    expect(refused.err).toContain("the lists it was to be screened against changed since s-000001 was cut off")
    expect(refused.err).toContain("Choose another --out")
  })
})

describe("the output", () => {
  it.each([
    ["is not empty", (test: TestWorkspace) => writeFiles(test.at("out"), { "mine.txt": "mine" })],
    ["is a file", (test: TestWorkspace) => writeFiles(test.at(), { out: "mine" })],
    ["leads into the source by a link", (test: TestWorkspace) => symlinkSync(test.at("data"), test.at("out"))],
  ])("is refused when it %s", async (_, prepare) => {
    using test = await textDataset(1)
    prepare(test)
    await expect(scan(test.workspace, { inputs: [test.at("data")], out: test.at("out") })).rejects.toThrow(
      expect.objectContaining({ code: "output_conflict" }),
    )
  })

  it.each(["data", "data/clean", ".", "workspace", "workspace/evidence", "workspace/scans/clean"])(
    "is refused in or around the source and the parts of the workspace: %s",
    async (place) => {
      using test = await textDataset(1)
      const before = filesBelow(test.at("data"))
      const refused = await nightlight(test.root, "scan", test.at("data"), "--out", test.at(place))
      expect(refused.exit).toBe(2)
      expect(refused.err).toContain("(output_conflict)")
      expect(filesBelow(test.at("data"))).toEqual(before)
      // Nothing was begun that a right command would trip over.
      expect((await scan(test.workspace, requestOf(test))).report.scan).toBe("s-000001")
    },
  )
})

describe("what was kept of a scan", () => {
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
    const refused = await nightlight(test.root, "scan", test.at("data"), "--out", test.at("clean"))
    expect(refused).toMatchObject({ exit: 4, out: "" })
    expect(refused.err).toContain("(receipt_untrusted)")
    expect(refused.err).not.toContain("b.txt")
  })
})

describe("a receipt of another scan or shard", () => {
  it("is refused, though this workspace signed it", async () => {
    using test = await textDataset(2)
    await scan(test.workspace, { inputs: [test.at("data")] })
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

describe("--stop-after", () => {
  it("stops for a person, stays stopped, and goes on when told to", async () => {
    using test = await textDataset(6)
    const args = ["scan", test.at("data"), "--out", test.at("clean"), "--json"]
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
  it("fail on what was asked for and nothing milder", async () => {
    using test = await testWorkspace()
    writeFiles(test.at("data"), { "film.mp4": Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1") })
    writeFiles(test.at("data"), { "known.txt": KNOWN })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "md5")])
    const exitOn = async (level: string) =>
      (await nightlight(test.root, "scan", test.at("data"), "--fail-on", level)).exit
    expect(await exitOn("quarantine")).toBe(0)
    expect(await exitOn("review")).toBe(1)
    expect(await exitOn("inconclusive")).toBe(1)
    expect((await nightlight(test.root, "scan", test.at("data"), "--quiet")).out).toBe("")
  })

  it("say unscreened where there is nothing real to check with, whatever --fail-on says", async () => {
    using test = await testWorkspace()
    writeFiles(test.at("data"), { "a.txt": "words" })
    const args = ["scan", test.at("data"), "--out", test.at("clean")]
    const result = await nightlight(test.root, ...args, "--fail-on", "inconclusive")
    expect(result.exit).toBe(3)
    expect(result.out).toContain("UNSCREENED")
  })

  it("are those of wrong use where there is no such input or nothing in it", async () => {
    using test = await textDataset(1)
    mkdirSync(test.at("empty"))
    for (const input of [test.at("nowhere"), test.at("empty")]) {
      expect(await nightlight(test.root, "scan", input)).toMatchObject({ exit: 2, out: "" })
    }
  })
})

describe("--dry-run", () => {
  it("says what would be screened and changes nothing", async () => {
    using test = await textDataset(2)
    const before = contentOf(test.root)
    const args = ["scan", test.at("data"), "--out", test.at("clean"), "--dry-run"]
    const preview = await nightlight(test.root, ...args, "--json")
    expect(preview.exit).toBe(0)
    expect(JSON.parse(preview.out)).toMatchObject({ shards: 2, kinds: { tar: 2 }, screened: true })
    expect(contentOf(test.root)).toEqual(before)
    expect(() => filesBelow(test.at("clean"))).toThrow(expect.objectContaining({ code: "ENOENT" }))
  })
})

describe("a broken tar", () => {
  it("is set aside, what it held before the break is found and sealed, and the others are done", async () => {
    using test = await testWorkspace({ custody: "seal" })
    await importRecords(test.workspace, [known])
    const broken = join(test.at("data"), "000000.tar")
    writeFiles(test.at("data"), {
      "000000.tar": plainTar({ "a.txt": KNOWN, "b.txt": "words", "c.txt": "cut ".repeat(500) }),
      "000001.tar": plainTar({ ...sample("x", await jpeg(1)) }),
    })
    truncateSync(broken, 3 * 1024 + 100)
    const args = ["scan", test.at("data"), "--out", test.at("clean"), "--json"]
    const result = await nightlight(test.root, ...args)
    expect(result.exit).toBe(42)
    expect(JSON.parse(result.out)).toMatchObject({
      state: "complete",
      poison: [{ path: "000000.tar", code: "shard_malformed" }],
      sealed: { withContent: 1 },
      inPlace: { items: 1, shards: [{ path: "000000.tar", items: 1 }] },
    })
    expect(Object.keys(filesBelow(test.at("clean")))).toEqual(["000001.tar"])
    expect(findingsOf(test.workspace)).toHaveLength(1)
    expect(await nightlight(test.root, ...args)).toMatchObject({ exit: 42, out: result.out })
  })
})

describe("a shard that vanishes or changes under way", () => {
  it.each([
    ["vanishes", (path: string) => rmSync(path)],
    ["changes", (path: string) => utimesSync(path, 1, 1)],
  ])("fails when it %s, and the others are done", async (_, change) => {
    using test = await textDataset(3)
    const last = join(test.at("data"), "000002.tar")
    const { report } = await runScan(test.workspace, requestOf(test), { onPlan: () => change(last) }, noSignal)
    expect(report).toMatchObject({
      state: "partial",
      totals: { shards: 2 },
      failed: [{ path: "000002.tar", code: "source_changed" }],
    })
    expect(Object.keys(filesBelow(test.at("clean")))).toEqual(["000000.tar", "000001.tar"])
  })

  it("fails without an output too: what was not read is not called inconclusive", async () => {
    using test = await testWorkspace()
    await importRecords(test.workspace, [known])
    writeFiles(test.at("data"), { "a.txt": "words", "b.txt": "more" })
    const path = test.at("data", "b.txt")
    const { report } = await runScan(
      test.workspace,
      { inputs: [test.at("data")] },
      { onPlan: () => rmSync(path) },
      noSignal,
    )
    expect(report.failed).toEqual([{ path: "files-000000", code: "source_changed" }])
    expect(report.causes).toEqual({})
  })

  it("keeps a table about other shards for the run in which those are done", async () => {
    using test = await textDataset(2)
    const table = "file_name,text\na.txt,one\nb.txt,two\n"
    writeFiles(test.at("data"), { "loose/a.txt": "loose words", "loose/b.txt": "other", "loose/metadata.csv": table })
    const path = test.at("data", "loose", "b.txt")
    const watcher = { onPlan: () => renameSync(path, `${path}.away`) }
    expect((await runScan(test.workspace, requestOf(test), watcher, noSignal)).report.state).toBe("partial")
    expect(() => readFileSync(test.at("clean", "loose", "metadata.csv"))).toThrow()
    renameSync(`${path}.away`, path)
    expect((await scan(test.workspace, requestOf(test))).report.state).toBe("complete")
    expect(readFileSync(test.at("clean", "loose", "metadata.csv"), "utf8")).toBe(table)
  })
})

describe("what fails for all shards", () => {
  it("ends the run at once when no decoder starts, and calls nothing inconclusive", async () => {
    using test = await textDataset(4)
    const decoderEntry = test.folder.write("no-decoder.mjs", "process.exit(1)\n")
    await expect(scan(test.workspace, { ...requestOf(test), decoderEntry })).rejects.toThrow(
      expect.objectContaining({ code: "decoder_unavailable" }),
    )
    expect(receiptsOf(test.workspace).size).toBe(0)
    expect((await scan(test.workspace, requestOf(test))).report.decisions).toMatchObject({ inconclusive: 0 })
  })

  it("ends the shard beside it too when evidence was tampered with, before anything is called inconclusive", async () => {
    using test = await textDataset(6)
    await scan(test.workspace, { inputs: [test.at("data")] })
    const { evidence } = test.workspace.layout
    for (const name of readdirSync(evidence).filter((file) => file.endsWith(".age"))) {
      truncateSync(join(evidence, name), 50)
    }
    const refused = await nightlight(test.root, "scan", test.at("data"), "--out", test.at("clean"))
    expect(refused).toMatchObject({ exit: 4 })
    expect(refused.err).toContain("(evidence_digest_mismatch)")
    for (const { causes } of receiptsOf(test.workspace, "s-000002").values()) expect(causes).toEqual({})
    expect(findingsOf(test.workspace, "s-000002")).toEqual([])
  })
})

describe("the indexes of finished scans", () => {
  it("are given up when newer ones came, those of unfinished scans are kept", async () => {
    using test = await textDataset(3)
    await scan(test.workspace, { inputs: [test.at("data")] })
    const versions = () => readdirSync(test.workspace.layout.index).filter((name) => name.startsWith("v"))
    const before = versions().at(-1)
    await cutOff(test)
    for (const version of [1, 2, 3]) {
      await importRecords(test.workspace, [digestRecord(Buffer.from(`${version}`), "sha256")], { name: "newer" })
    }
    expect(versions()).toContain(before)
    await scan(test.workspace, requestOf(test))
    await importRecords(test.workspace, [digestRecord(Buffer.from("4"), "sha256")], { name: "newer" })
    expect(versions()).not.toContain(before)
  })
})
