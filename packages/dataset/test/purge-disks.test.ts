import { cpSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { MAY_MOUNT, pinnedFile, smallDisk } from "@nightlight/dev-env/machine/small-disk"
import { afterAll, describe, expect, it } from "vitest"
import type { PurgeReport } from "../src/purge/run-purge.ts"
import { nightlight } from "./support/in-process.ts"
import { BASIS, expectPurged, purge, removeScanned, scanned } from "./support/purges.ts"

afterAll(removeScanned)

describe.skipIf(!MAY_MOUNT)("a purge on a disk of its own", () => {
  it("works where the dataset is a file system of its own", async () => {
    const { test, parts } = await scanned()
    using _ = test
    using disk = smallDisk(10)
    cpSync(test.pathOf("data"), disk.path, { recursive: true })
    expect(await purge(test, { basis: BASIS, from: disk.path })).toMatchObject({ itemsRemoved: 4, failed: [] })
    await expectPurged(disk.path, parts)
  })

  it("leaves a shard unchanged where there is no space to rewrite it", async () => {
    const { test, parts } = await scanned()
    using _ = test
    using disk = smallDisk(2)
    const data = join(disk.path, "data")
    cpSync(test.pathOf("data"), data, { recursive: true })
    const before = readFileSync(join(data, "000000.tar"))
    disk.fill(0)
    const answer = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS, "--from", data, "--json")
    expect(answer.exit).toBe(10)
    expect(JSON.parse(answer.out).failed.length).toBeGreaterThan(0)
    expect(readFileSync(join(data, "000000.tar"))).toEqual(before)
    disk.empty()
    expect(await purge(test, { basis: BASIS, from: data })).toMatchObject({ failed: [] })
    await expectPurged(data, parts)
  })

  it("counts what was removed when a file beside it could not be, and removes that the next time", async () => {
    using test = await testWorkspace()
    const known = ["words that a list knows", '{"known":"metadata"}', "other words that a list knows"]
    const [words, metadata, others] = known as [string, string, string]
    writeFiles(test.pathOf("data"), {
      "000000.tar": plainTar({ "a.txt": words, "b.txt": "clear" }),
      "000000.tar.json": metadata,
      "loose/a.txt": words,
      "loose/b.txt": others,
    })
    await importRecords(
      test.workspace,
      known.map((text) => digestRecord(Buffer.from(text), "sha256")),
    )
    await scan(test.workspace, { inputs: [test.pathOf("data")] })
    {
      using _beside = pinnedFile(test.pathOf("data", "000000.tar.json"))
      using _loose = pinnedFile(test.pathOf("data", "loose/a.txt"))
      const answer = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS, "--json")
      expect(answer.exit).toBe(10)
      const report = JSON.parse(answer.out) as PurgeReport
      expect(report).toMatchObject({ itemsKnown: 4, itemsRemoved: 2, samplesRemoved: 2, gone: 0 })
      expect(report.shards.map(({ itemsRemoved }) => itemsRemoved)).toEqual([1, 1])
      expect(report.failed.map(({ code }) => code)).toEqual(["write_failed", "write_failed"])
    }
    expect(Object.keys(filesBelow(test.pathOf("data")))).toEqual(["000000.tar", "000000.tar.json", "loose/a.txt"])
    const again = await purge(test, { basis: BASIS })
    expect(again).toMatchObject({ itemsRemoved: 2, samplesRemoved: 2, failed: [] })
    expect(Object.keys(filesBelow(test.pathOf("data")))).toEqual(["000000.tar"])
  })
})
