import { existsSync } from "node:fs"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { scanFolder } from "../src/scan/scan-folder.ts"
import { nightlight } from "./support/in-process.ts"
import { KNOWN, textDataset } from "./support/text-dataset.ts"

const FILM = Buffer.concat([Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1"), Buffer.alloc(20_000)])

/** A tar of which one item is whole, and the next is cut off. */
const CUT_TAR = plainTar({ "a.txt": "w".repeat(20_000), "b.txt": "v".repeat(60_000) }).subarray(0, 40_000)

/** A folder of films, with as many captions as given. */
const films = (count: number, captions: number) =>
  Object.fromEntries([
    ...Array.from({ length: count }, (_, i) => [`films/${i}.mp4`, FILM] as const),
    ...Array.from({ length: captions }, (_, i) => [`films/words-${i}.txt`, `words ${i}`] as const),
  ])

describe("a scan that could not look into most of its input", () => {
  it.each([
    ["by items", films(8, 3)],
    ["by bytes", films(2, 9)],
  ])("says so in the terminal, on the page, in the report, and by its exit code: %s", async (_, files) => {
    using test = await textDataset(0)
    writeFiles(test.pathOf("data"), files)
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(ran.exit).toBe(5)
    expect(ran.out).toContain("MOST OF THE INPUT WAS NOT LOOKED INTO")
    expect(ran.out).toContain("video/mp4")
    const folder = scanFolder(test.workspace.layout.scans, "s-000001")
    const page = filesBelow(folder.path)["report.html"]?.toString() ?? ""
    expect(page).toContain("<h1>Most of the input was not looked into</h1>")
    expect(page).toContain("That nothing was found in it means nothing.")
    const again = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json")
    expect(again.exit).toBe(5)
    const count = Object.keys(files).filter((name) => name.endsWith(".mp4")).length
    const unread = { items: count, bytes: count * FILM.length, types: { "video/mp4": count }, isMost: true }
    expect(JSON.parse(again.out)).toMatchObject({ unread, decisions: { quarantine: 0 } })
  })

  it("is not one that withheld less than half", async () => {
    using test = await textDataset(0)
    writeFiles(test.pathOf("data"), { ...films(1, 3), "long.txt": "words ".repeat(10_000) })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(report.unread).toMatchObject({ items: 1, isMost: false })
  })

  it("counts a shard that was set aside by its bytes", async () => {
    using test = await textDataset(1)
    writeFiles(test.pathOf("data"), { "9.tar": "x".repeat(50_000) })
    const { report } = await scan(test.workspace, { inputs: [test.pathOf("data")] })
    expect(report.unread).toEqual({ items: 0, bytes: 50_000, types: {}, isMost: true })
    expect(report.totals.bytes).toBeGreaterThan(50_000)
  })

  it("asks to replace or repair a truncated shard, and says of no item that it is in a copy that was not written", async () => {
    using test = await textDataset(0)
    writeFiles(test.pathOf("data"), { "1.tar": CUT_TAR })
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(ran.exit).toBe(42)
    expect(ran.out).toContain(
      `LOOKED INTO, and is withheld:\n          40.0 kB of 40.0 kB\n          1 shard was set aside`,
    )
    expect(ran.out).toContain("set aside: replace or repair it, and run the same\n          command again.\n")
    expect(ran.out).not.toContain("--dry-run")
    expect(ran.out).toMatch(/ 1 {2}clear: nothing was found\n/)
    expect(ran.out).toContain(`Clean     nothing was written to ${test.pathOf("clean")}; 0 samples withheld\n`)
    expect(existsSync(test.pathOf("clean"))).toBe(false)
    const page = filesBelow(scanFolder(test.workspace.layout.scans, "s-000001").path)["report.html"]?.toString()
    expect(page).toContain("Nothing was written to the clean copy")
    expect(page).toContain("40,000 of 40,000 bytes. That nothing was found in it means nothing. 1 shard was set aside.")
  })

  it.each([
    ["most of the bytes", 10_000, true],
    ["a small part of the bytes", 90_000, false],
  ])("counts a truncated shard beside good ones with its file: %s", async (_, wordBytes, isMost) => {
    using test = await textDataset(1)
    writeFiles(test.pathOf("data"), { "words.txt": "w".repeat(wordBytes), "1.tar": CUT_TAR })
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"), "--json")
    const { unread, totals } = JSON.parse(ran.out)
    expect(unread).toEqual({ items: 0, bytes: 40_000, types: {}, isMost })
    expect(totals.bytes).toBe(40_000 + wordBytes + `words 0${KNOWN}more words 0`.length)
    const words = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(words.out.includes("MOST OF THE INPUT")).toBe(isMost)
    expect(words.out).toContain("Set aside 1.tar: shard_malformed; nothing of it is copied: replace or repair it\n")
    expect(words.out).toContain("clear: in the clean copy unless withheld with their sample or shard\n")
  })
})

describe("a dry run", () => {
  it("names the formats of separate files, which of them cannot be looked into, and that these are most", async () => {
    using test = await textDataset(1)
    writeFiles(test.pathOf("data"), { ...films(3, 2), "table.parquet": Buffer.from("PAR1\x15\x04\0\0PAR1", "latin1") })
    const ran = await nightlight(test.root, "scan", test.pathOf("data"), "--dry-run")
    expect(ran.exit).toBe(0)
    expect(ran.out).toContain("  tar: 1\n")
    expect(ran.out).toContain("  3 video/mp4, 60.1 kB: cannot be looked into, and is withheld\n")
    expect(ran.out).toMatch(/ {2}2 text\/plain, 14 B\n/)
    expect(ran.out).toContain("WARNING: most of the separate files cannot be looked into")
    const json = JSON.parse((await nightlight(test.root, "scan", test.pathOf("data"), "--dry-run", "--json")).out)
    expect(json).toMatchObject({ isMostUnread: true })
    expect(json.types[0]).toEqual({ mediaType: "video/mp4", files: 3, bytes: 3 * FILM.length, isRead: false })
  })
})
