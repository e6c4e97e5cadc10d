import { cpSync, readFileSync, utimesSync } from "node:fs"
import type { HashRecord } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, membersOf, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { exportManifest } from "../src/manifest/export-manifest.ts"
import type { PurgeRequest } from "../src/purge/run-purge.ts"
import { BASIS, purge } from "./support/purges.ts"

const LISTED = "a".repeat(64)
const STATED = JSON.stringify({ sha256: LISTED })

/** A download that failed and whose metadata states a listed digest, between samples with other empty files. */
async function scanned(records: readonly HashRecord[]): Promise<TestWorkspace> {
  const test = await testWorkspace()
  writeFiles(test.pathOf("data"), {
    "0.tar": plainTar({
      "a.jpg": await jpeg(6),
      "a.txt": "",
      "b.jpg": "",
      "b.json": STATED,
      "b.txt": "",
      "c.jpg": "",
      "c.json": "{}",
    }),
    "loose/a.jpg": await jpeg(7),
    "loose/a.txt": "",
    "loose/b.jpg": "",
    "loose/b.json": STATED,
    "loose/c.txt": "",
  })
  await importRecords(test.workspace, records)
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
  return test
}

const namesIn = async (folder: string) => [
  ...(await membersOf(readFileSync(`${folder}/0.tar`))).map(([name]) => name),
  ...Object.keys(filesBelow(`${folder}/loose`)),
]
const stated: readonly HashRecord[] = [{ hashType: "sha256", hash: LISTED, category: "A1" }]

describe("a purge of an empty file whose metadata states a listed digest", () => {
  it.each<[string, (test: TestWorkspace) => Partial<PurgeRequest>]>([
    ["the source", () => ({})],
    [
      "the source, whose files have other times",
      ({ pathOf }) => {
        utimesSync(pathOf("data", "0.tar"), 1, 1)
        for (const name of ["a.jpg", "a.txt", "b.jpg", "b.json", "c.txt"])
          utimesSync(pathOf("data", "loose", name), 1, 1)
        return {}
      },
    ],
    [
      "a copy",
      ({ pathOf }) => {
        cpSync(pathOf("data"), pathOf("copy"), { recursive: true })
        return { from: pathOf("copy") }
      },
    ],
  ])("removes its sample, and no other one with an empty file: %s", async (_, prepare) => {
    using test = await scanned(stated)
    const request = prepare(test)
    const report = await purge(test, { basis: BASIS, includeReview: true, ...request })
    expect(report).toMatchObject({ samplesRemoved: 2, gone: 0, failed: [] })
    const left = ["a.jpg", "a.txt", "c.jpg", "c.json", "a.jpg", "a.txt", "c.txt"]
    expect(await namesIn(request.from ?? test.pathOf("data"))).toEqual(left)
  })

  it("removes it where the lists no longer have the digest, and still no other one", async () => {
    using test = await scanned(stated)
    await importRecords(test.workspace, [digestRecord(Buffer.from("another"), "sha256")])
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({ samplesRemoved: 2, gone: 0 })
    expect(await namesIn(test.pathOf("data"))).toEqual(["a.jpg", "a.txt", "c.jpg", "c.json", "a.jpg", "a.txt", "c.txt"])
  })

  it("removes every sample with an empty file where a list has the digest of no bytes, as the scan found them", async () => {
    using test = await scanned([...stated, digestRecord(Buffer.alloc(0), "sha256")])
    await purge(test, { basis: BASIS, includeReview: true })
    expect(await namesIn(test.pathOf("data"))).toEqual([])
  })
})

describe("a keyed removal manifest", () => {
  it.each([
    ["does not name an empty file whose metadata states a listed digest", stated, 0],
    ["names empty files where a list has the digest of no bytes", [digestRecord(Buffer.alloc(0), "sha256")], 1],
  ])("%s", async (_, records, lines) => {
    using test = await scanned(records)
    const out = test.pathOf("drop.ndjson")
    expect(await exportManifest(test.workspace, { scan: "s-000001", out })).toEqual({ kind: "keyed", lines })
  })
})
