import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { MINUTE_MS } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, plainTar, zip } from "@nightlight/dev-env/dataset/shards"
import { configure, scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { readScanRecords } from "../src/scan/scan-records.ts"
import { nightlight } from "./support/in-process.ts"
import { receiptsOf } from "./support/scans.ts"
import { requestOf, textDataset } from "./support/text-dataset.ts"

describe("a run with a limit", () => {
  it("screens that many shards, says what is left, and the next runs continue to the same end", {
    timeout: 3 * MINUTE_MS,
  }, async () => {
    using test = await textDataset(2)
    writeFiles(test.pathOf("data"), { "l/a.txt": "loose", "l/metadata.csv": "file_name\na.txt\n" })
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json"]
    const first = await nightlight(test.root, ...args, "--limit", "2")
    expect(first.exit).toBe(10)
    expect(JSON.parse(first.out)).toMatchObject({ state: "partial", totals: { shards: 2 }, remaining: 2, failed: [] })
    // A table needs the results of all other shards.
    const second = await nightlight(test.root, ...args, "--limit", "1")
    expect(JSON.parse(second.out)).toMatchObject({ state: "partial", totals: { shards: 3 }, remaining: 1 })
    expect(filesBelow(test.pathOf("clean"))["l/metadata.csv"]).toBeUndefined()
    const last = await nightlight(test.root, ...args, "--limit", "2")
    expect(last.exit).toBe(0)
    expect(JSON.parse(last.out)).toMatchObject({ scan: "s-000001", state: "complete", totals: { shards: 4 } })
    await scan(test.workspace, { ...requestOf(test), out: test.pathOf("whole") })
    expect(filesBelow(test.pathOf("clean"))).toEqual(filesBelow(test.pathOf("whole")))
  })

  it("says in the terminal and on the page that shards are left", async () => {
    using test = await textDataset(3)
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--limit", "1")
    expect(ran.err).toContain("Screening 1 of 3 shards; 2 are not part of this run\n")
    expect(ran.out).toContain("s-000001 is not finished: 2 shards are left for another run.")
    const page = filesBelow(scanFolder(test.workspace.layout.scans, "s-000001").path)["report.html"]?.toString()
    expect(page).toContain("2 shards were not screened yet")
  })

  it.each(["0", "-1", "1.5", "many"])("is refused for %s", async (limit) => {
    using test = await textDataset(1)
    expect(await nightlight(test.root, "scan", test.pathOf("data"), "--limit", limit)).toMatchObject({ exit: 2 })
    expect(receiptsOf(test.workspace).size).toBe(0)
  })
})

describe("exceptions of the policy that name paths", () => {
  it("let what cannot be screened pass below these paths alone, and are counted", async () => {
    using test = await textDataset(1)
    const film = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1")
    writeFiles(test.pathOf("data"), {
      "films/a.mp4": film,
      "films/b.tar": plainTar({ "b.mp4": film }),
      "films/c.zip.txt": await zip([{ name: "c.mp4", content: film }]),
      "other/d.mp4": film,
      "other/e.tar": plainTar({ "e.mp4": film }),
    })
    const exception =
      "mediaExceptions: [{ mediaType: video/mp4, paths: [films/**], reason: r, until: 2999-12-31, approvedBy: [a, b] }]"
    const policy = join(test.root, "policy.yaml")
    writeFileSync(policy, readFileSync(policy, "utf8").replace("mediaExceptions: []", exception))
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json")
    expect(JSON.parse(ran.out)).toMatchObject({
      exceptions: { "video/mp4": 2 },
      causes: { media_unsupported: 3 },
    })
    const copied = Object.keys(filesBelow(test.pathOf("clean"))).filter((path) => path.includes("/"))
    expect(copied.filter((path) => path.startsWith("films/"))).toEqual(["films/a.mp4", "films/b.tar"])
    expect(copied).not.toContain("other/d.mp4")
  })
})

describe("paths that are excluded", () => {
  it("by option and by configuration are neither read nor copied, and are counted", async () => {
    using test = await textDataset(3)
    writeFiles(test.pathOf("data"), {
      "drafts/a.txt": "draft",
      "drafts/deep/b.txt": "draft",
      "l/a.txt": "a",
      "l/b.tmp": "b",
    })
    configure(test.root, "exclude: []", 'exclude: ["*.tmp"]')
    const args = ["scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--exclude", "drafts/**"]
    const ran = await nightlight(test.root, ...args, "--exclude", "000001.tar")
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain("Left out  3 excluded")
    expect(Object.keys(filesBelow(test.pathOf("clean"))).sort()).toEqual(["000000.tar", "000002.tar", "l/a.txt"])
    const [record] = readScanRecords(test.workspace.layout.scans)
    expect(record).toMatchObject({ exclude: ["*.tmp", "000001.tar", "drafts/**"], skipped: { excluded: 3 } })
  })

  it("belong to the request: with others, the same output is another scan's", async () => {
    using test = await textDataset(2)
    const request = { ...requestOf(test), exclude: ["000001.tar"] }
    await scan(test.workspace, request)
    expect((await scan(test.workspace, request)).report.scan).toBe("s-000001")
    await expect(scan(test.workspace, requestOf(test))).rejects.toMatchObject({ code: "output_conflict" })
  })

  it("are shown by a dry run, which reads none of them", async () => {
    using test = await textDataset(2)
    writeFiles(test.pathOf("data"), { "film.mp4": "\0\0\0\x18ftypisom\0\0\x02\0isomiso2" })
    const args = ["scan", test.pathOf("data"), "--dry-run", "--exclude", "*.mp4"]
    const ran = await nightlight(test.root, ...args)
    expect(ran.out).toContain("left aside, excluded: 1")
    expect(ran.out).not.toContain("video/mp4")
  })

  it("that leave nothing are named by the refusal, and a glob that is none is refused", async () => {
    using test = await textDataset(1)
    const all = await nightlight(test.root, "scan", test.pathOf("data"), "--exclude", "*")
    expect(all).toMatchObject({ exit: 2 })
    expect(all.err).toContain("What --exclude and scan.exclude in nightlight.yaml name is not read.")
    const absolute = await nightlight(test.root, "scan", test.pathOf("data"), "--exclude", "/etc/**")
    expect(absolute).toMatchObject({ exit: 2 })
    expect(absolute.err).toContain("expected a glob of paths below the dataset's root")
  })

  it("may be a folder or a file that was named as input", async () => {
    using test = await textDataset(2)
    writeFiles(test.pathOf("data"), { "drafts/a.txt": "draft", "kept/a.txt": "kept" })
    const inputs = ["drafts", "kept", "000000.tar", "000001.tar"].map((name) => test.pathOf("data", name))
    const { report } = await scan(test.workspace, { inputs, exclude: ["drafts", "000001.tar"] })
    expect(report).toMatchObject({ totals: { shards: 2, items: 4 }, skipped: { excluded: 2 } })
  })
})
