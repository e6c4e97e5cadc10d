import { readFileSync, statSync } from "node:fs"
import { gzipSync } from "node:zlib"
import { sample, writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { plainTar, sha256 } from "@nightlight/dev-env/dataset/shards"
import {
  copyWorkspace,
  importRecords,
  scan,
  type TestWorkspace,
  testWorkspace,
} from "@nightlight/dev-env/dataset/workspaces"
import { checkDocument } from "@nightlight/durable"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { exportManifest } from "../src/manifest/export-manifest.ts"
import { duckdb } from "./support/duckdb.ts"
import { nightlight } from "./support/in-process.ts"
import { mdsFolder } from "./support/mds.ts"
import { responseRecord } from "./support/warc.ts"

const KNOWN = "words that a list knows"

function linesOf(path: string) {
  const [head, ...lines] = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line))
  return { head, lines }
}

describe("a padded manifest", () => {
  let test: TestWorkspace
  const positions: readonly [string, number][] = [
    ["000000.tar", 17],
    ["000001.tar", 800],
  ]

  beforeAll(async () => {
    test = await testWorkspace()
    for (const shard of [0, 1]) {
      const members = Object.fromEntries(
        Array.from({ length: 1_100 }, (_, index) => {
          const isKnown = positions.some(([path, position]) => path === `00000${shard}.tar` && position === index)
          return [`${String(index).padStart(4, "0")}.txt`, isKnown ? KNOWN : `words ${shard} ${index}`]
        }),
      )
      writeFiles(test.pathOf("data"), { [`00000${shard}.tar`]: plainTar(members) })
    }
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
  })
  afterAll(() => test[Symbol.dispose]())

  it("names withheld samples among a thousand decoys, in an order that reveals nothing", async () => {
    const out = test.pathOf("padded.ndjson")
    const result = await exportManifest(test.workspace, { scan: "s-000001", out, decoys: 100 })
    expect(result).toEqual({ kind: "padded", lines: 1_002 })
    const { head, lines } = linesOf(out)
    expect(checkDocument(head, "nightlight-removal-padded/1", test.workspace.verifier)).toMatchObject({ lines: 1_002 })
    expect(new Set(lines.map((line) => JSON.stringify(line))).size).toBe(1_002)
    for (const [shard, position] of positions) expect(lines).toContainEqual({ shard, sample: position })
    expect(lines.map((line) => JSON.stringify(line))).toEqual(lines.map((line) => JSON.stringify(line)).toSorted())
    expect(new Set(lines.map((line) => Object.keys(line).join()))).toEqual(new Set(["shard,sample"]))
    expect(statSync(out).mode & 0o777).toBe(0o600)
  })

  it("is the same each time, so that comparing two does not reveal the decoys", async () => {
    const [one, two] = [test.pathOf("one.ndjson"), test.pathOf("two.ndjson")]
    await exportManifest(test.workspace, { scan: "s-000001", out: one, decoys: 1 })
    const again = await copyWorkspace(test, test.pathOf("again"))
    await exportManifest(again, { scan: "s-000001", out: two, decoys: 100 })
    expect(linesOf(two).lines).toEqual(linesOf(one).lines)
  })

  it("has almost the same decoys once a shard was added, for the same reason", async () => {
    const [before, after] = [test.pathOf("before.ndjson"), test.pathOf("after.ndjson")]
    await exportManifest(test.workspace, { scan: "s-000001", out: before, decoys: 1 })
    writeFiles(test.pathOf("data"), { "000002.tar": plainTar({ "0.txt": "new", "1.txt": "newer", "2.txt": KNOWN }) })
    expect((await scan(test.workspace, { inputs: [test.pathOf("data")] })).report.scan).toBe("s-000001")
    await exportManifest(test.workspace, { scan: "s-000001", out: after, decoys: 1 })
    const earlier = new Set(linesOf(before).lines.map((line) => JSON.stringify(line)))
    const both = linesOf(after).lines.filter((line) => earlier.has(JSON.stringify(line)))
    expect(both.length).toBeGreaterThan(0.98 * earlier.size)
  })
})

describe("a padded manifest of tables, lines, crawls and shards for streaming", () => {
  const COUNT = 600
  const rows = Array.from({ length: COUNT }, (_, row) => row)
  const digestAt = (row: number, known: number) => (row === known ? sha256(Buffer.from(KNOWN)) : undefined)
  const known: Readonly<Record<string, number>> = {
    "crawl.warc.gz": 17,
    "lines.jsonl.gz": 301,
    "mds/shard.00000.mds": 42,
    "table.parquet": 599,
  }

  it("names rows, lines, records and samples by their position from zero", async () => {
    using test = await testWorkspace()
    const stated = (path: string, row: number) => digestAt(row, known[path] ?? -1)
    const lines = rows.map((row) => JSON.stringify({ id: row, sha256: stated("lines.jsonl.gz", row) }))
    const records = rows.map((row) => {
      const digest = stated("crawl.warc.gz", row)
      const warc = { "WARC-Payload-Digest": `sha256:${digest ?? "0".repeat(64)}` }
      return gzipSync(responseRecord(`https://pages.example/${row}`, `words ${row}`, { warc }))
    })
    const samples = rows.map((row) => ({
      id: Buffer.from(String(row)),
      sha256: Buffer.from(stated("mds/shard.00000.mds", row) ?? "0".repeat(64)),
    }))
    writeFiles(test.pathOf("data"), {
      "lines.jsonl.gz": gzipSync(`${lines.join("\n")}\n`),
      "crawl.warc.gz": Buffer.concat(records),
    })
    writeFiles(test.pathOf("data", "mds"), mdsFolder({ id: "str", sha256: "str" }, [samples]))
    await duckdb(
      `COPY (SELECT i AS id, CASE WHEN i = ${known["table.parquet"]} THEN '${sha256(Buffer.from(KNOWN))}' END AS sha256
        FROM range(${COUNT}) t(i)) TO '${test.pathOf("data", "table.parquet")}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    const scanned = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(scanned).toMatchObject({ exit: 0 })
    const out = test.pathOf("padded.ndjson")
    const padded = await nightlight(test.root, "manifest", "export", "s-000001", "--out", out, "--padded")
    expect(padded).toMatchObject({ exit: 0 })
    const named = linesOf(out).lines
    for (const [shard, sample] of Object.entries(known)) expect(named).toContainEqual({ shard, sample })
    const shards = new Set(named.map(({ shard }) => shard))
    for (const shard of Object.keys(known))
      expect(named.filter((line) => line.shard === shard).length).toBeGreaterThan(100)
    expect([...shards].filter((shard) => known[shard] === undefined)).toEqual([expect.stringMatching(/^files-/)])
    expect(Math.max(...named.map(({ sample }) => sample))).toBeLessThanOrEqual(COUNT)
    const keyed = await nightlight(test.root, "manifest", "export", "s-000001", "--out", test.pathOf("keyed.ndjson"))
    expect(keyed).toMatchObject({ exit: 0 })
    expect(linesOf(test.pathOf("keyed.ndjson")).lines.length).toBeGreaterThan(0)
  })
})

describe("a keyed manifest", () => {
  it("contains only keyed digests of matches, and no other trace of them", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), {
      ...sample("known", await jpeg(950)),
      ...sample("twin", await jpeg(950)),
      ...sample("clear", await jpeg(951)),
      "film.mp4": Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isomiso2", "latin1"),
    })
    await importRecords(test.workspace, await listOf(950))
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const out = test.pathOf("keyed.ndjson")
    const answer = await nightlight(test.root, "manifest", "export", "s-000001", "--out", out, "--json")
    expect(answer).toMatchObject({ exit: 0 })
    expect(JSON.parse(answer.out)).toEqual({ kind: "keyed", lines: 1 })
    const { head, lines } = linesOf(out)
    checkDocument(head, "nightlight-removal-keyed/1", test.workspace.verifier)
    const digest = sha256(await jpeg(950))
    expect(lines).toEqual([{ itemDigest: test.workspace.keyed.of("item", digest) }])
    expect(readFileSync(out, "utf8")).not.toContain(digest)
  })

  it("is refused for a missing scan, and a padded one for a dataset too small to hide in", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("data"), { "a.txt": KNOWN, "b.txt": "words" })
    await importRecords(test.workspace, [digestRecord(Buffer.from(KNOWN), "sha256")])
    const out = test.pathOf("manifest.ndjson")
    const missing = await nightlight(test.root, "manifest", "export", "s-000001", "--out", out)
    expect(missing).toMatchObject({ exit: 2, out: "" })
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    const small = await nightlight(test.root, "manifest", "export", "s-000001", "--out", out, "--padded")
    expect(small).toMatchObject({ exit: 2, out: "" })
    expect(small.err).toContain("too few samples")
    expect(() => readFileSync(out)).toThrow()
  })
})
