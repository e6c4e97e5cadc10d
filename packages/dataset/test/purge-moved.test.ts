import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { copyWorkspace, importRecords, scan, type TestWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { runHunt } from "../src/hunt/run-hunt.ts"
import { listingOf } from "../src/plan/open-shard.ts"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { nightlight } from "./support/in-process.ts"
import { BASIS, purge } from "./support/purges.ts"
import { KNOWN, textDataset } from "./support/text-dataset.ts"

/** A scanned dataset of three shards with the same known text in each. */
async function scannedTexts(): Promise<TestWorkspace> {
  const test = await textDataset(3)
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
  return test
}

/** Files in which the known text still is. */
const stillKnown = (folder: string) =>
  Object.entries(filesBelow(folder)).flatMap(([name, bytes]) => (bytes.includes(KNOWN) ? [name] : []))

describe("a purge of a source that changed since the scan", () => {
  it("counts each known item that is not at its place, although the same bytes were removed from other places", async () => {
    using test = await scannedTexts()
    rmSync(test.pathOf("data", "000001.tar"))
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsKnown: 3, itemsRemoved: 2, gone: 1, failed: [] })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsKnown: 3, itemsRemoved: 0, gone: 3, failed: [] })
  })

  it.each<[string, (data: string) => void]>([
    ["was renamed", (data) => renameSync(`${data}/000001.tar`, `${data}/renamed.tar`)],
    [
      "lies in a folder of its name",
      (data) => {
        renameSync(`${data}/000001.tar`, `${data}/in.tar`)
        mkdirSync(`${data}/000001.tar`)
        renameSync(`${data}/in.tar`, `${data}/000001.tar/in.tar`)
      },
    ],
    [
      "was unpacked",
      (data) => {
        rmSync(`${data}/000001.tar`)
        writeFiles(data, { "000001/b.txt": KNOWN, "000001/c.txt": "other words" })
      },
    ],
    [
      "exchanged its known item for a new shard's clear one",
      (data) =>
        writeFiles(data, {
          "000001.tar": plainTar({ "a.txt": "words 1" }),
          "new.tar": plainTar({ "b.txt": KNOWN, "c.txt": "new" }),
        }),
    ],
  ])("removes the known item of a shard that %s", async (_, change) => {
    using test = await scannedTexts()
    change(test.pathOf("data"))
    const planned = await purge(test, { dryRun: true })
    expect(planned).toMatchObject({ samplesRemoved: 3, gone: 0, failed: [] })
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 3, gone: 0, failed: [] })
    expect(stillKnown(test.pathOf("data"))).toEqual([])
  })

  it("removes the known items that a hunt found in a shard that was renamed since", async () => {
    using test = await scannedTexts()
    const later = digestRecord(Buffer.from("words 1"), "sha256")
    await importRecords(test.workspace, [later], { name: "later" })
    await runHunt(test.workspace, {}, {}, noSignal)
    renameSync(test.pathOf("data", "000001.tar"), test.pathOf("data", "renamed.tar"))
    const request = { scan: "h-000001", basis: BASIS }
    expect(await purge(test, request)).toMatchObject({ itemsKnown: 1, itemsRemoved: 1, gone: 0, failed: [] })
    expect(await purge(test, request)).toMatchObject({ itemsKnown: 1, itemsRemoved: 0, gone: 1, failed: [] })
  })

  it("looks where a link leads that is in the place of the folder", async () => {
    using test = await scannedTexts()
    renameSync(test.pathOf("data"), test.pathOf("moved"))
    symlinkSync(test.pathOf("moved"), test.pathOf("data"))
    expect(await purge(test, { basis: BASIS })).toMatchObject({ itemsRemoved: 3, gone: 0, failed: [] })
    expect(stillKnown(test.pathOf("moved"))).toEqual([])
  })

  it("names a shard in whose place there is a link, and does not say that its known items are gone", async () => {
    using test = await scannedTexts()
    renameSync(test.pathOf("data", "000001.tar"), test.pathOf("elsewhere.tar"))
    symlinkSync(test.pathOf("elsewhere.tar"), test.pathOf("data", "000001.tar"))
    const answer = await nightlight(test.root, "purge", "s-000001", "--basis", BASIS)
    expect(answer.exit).toBe(10)
    expect(answer.out).toContain("000001.tar: source_changed; known items may be left in it\n")
    expect(answer.out).not.toContain("no longer in the dataset")
  })
})

it("a purge by another workspace stops clearly while the dataset is being purged, and changes nothing", async () => {
  using test = await scannedTexts()
  const other = await copyWorkspace(test, test.pathOf("other"))
  const before = filesBelow(test.pathOf("data"))
  const plan = await planDataset([test.pathOf("data")], {}, noSignal)
  {
    await using _claim = await plan.store.editor?.claim?.()
    const answer = await nightlight(other.layout.root, "purge", "s-000001", "--basis", BASIS)
    expect(answer).toMatchObject({ exit: 10, out: "" })
    expect(answer.err).toContain("the dataset is being changed by another process")
    expect(filesBelow(test.pathOf("data"))).toEqual(before)
    expect(await purge(test, { dryRun: true })).toMatchObject({ samplesRemoved: 3 })
  }
  expect(await purge({ ...test, workspace: other }, { basis: BASIS })).toMatchObject({ itemsRemoved: 3, failed: [] })
  expect(readdirSync(test.folder.path).filter((name) => name.startsWith("."))).toEqual([])
})

describe("a file that is to be removed", () => {
  it.each<[string, (path: string, elsewhere: string) => void]>([
    ["was replaced by another file", (path) => writeFileSync(path, "words that nobody lists")],
    [
      "was replaced by a link to an equal file",
      (path, elsewhere) => {
        rmSync(path)
        symlinkSync(elsewhere, path)
      },
    ],
  ])("stays, and so does what it leads to, if it %s since it was read", async (_, replace) => {
    using folder = temporaryFolder()
    const [path, elsewhere] = [join(folder.path, "data", "a.txt"), join(folder.path, "elsewhere.txt")]
    writeFiles(folder.path, { "data/a.txt": KNOWN, "elsewhere.txt": KNOWN })
    for (const each of [path, elsewhere]) utimesSync(each, 1, 1)
    const plan = await planDataset([join(folder.path, "data")], {}, noSignal)
    const [file] = plan.shards.flatMap((shard) => listingOf(shard).files)
    if (file === undefined) throw new Error("expected a file")
    replace(path, elsewhere)
    await expect(plan.store.editor?.remove(file)).rejects.toMatchObject({ code: "source_changed" })
    expect(() => plan.store.assertUnchanged([file])).toThrow(expect.objectContaining({ code: "source_changed" }))
    expect(Object.keys(filesBelow(folder.path))).toContain("elsewhere.txt")
  })
})
