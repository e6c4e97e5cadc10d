import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import {
  filesBelow,
  plainTar,
  tar,
  tarHeader,
  tarMember,
  temporaryFolder,
  zip,
} from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { staleTablesOf } from "../src/containers/tables/check-tables.ts"
import { listingOf } from "../src/plan/open-shard.ts"
import { pathOf } from "../src/readers/paths.ts"
import { allBut, copyShard, datasetOf } from "./support/copying.ts"

const hasZip = spawnSync("zip", ["--version"]).status === 0

async function purgeCopy(files: Readonly<Record<string, string | Uint8Array>>, known: readonly string[], limits = {}) {
  using made = await datasetOf(files)
  const choices = { isClear: allBut(...known), mode: "purge", limits } as const
  const result = await copyShard(made.plan.root, made.plan.shards[0]!, made.out, choices)
  return { result, copy: filesBelow(made.out) }
}

describe("a shard written for a purge", () => {
  it("loses the known item's sample and nothing else of a tar", async () => {
    const [before, after] = [
      [tarMember("../odd.jpg"), tarHeader({ name: "link", type: "2" }), tarHeader({ name: "dev", type: "3" })],
      [
        tarHeader({ name: "../d/", type: "5" }),
        tarMember("__meta__"),
        tarMember("2.jpg"),
        tarMember("metadata.csv", "file_name\n1.jpg\n"),
      ],
    ]
    const known = [tarMember("1.jpg"), tarMember("1.txt")]
    const { result, copy } = await purgeCopy({ "s.tar": tar(...before, ...known, ...after) }, ["1.jpg"])
    const blocks = Buffer.concat([...before, ...after])
    expect(copy["s.tar"]?.subarray(0, blocks.length)).toEqual(blocks)
    expect(copy["s.tar"]?.subarray(blocks.length).every((byte) => byte === 0)).toBe(true)
    expect(result).toMatchObject({ itemsDropped: 2, samplesDropped: 1, stale: ["s.tar!/metadata.csv"] })
  })

  it("keeps a member of a gzipped tar that was too large to hold", async () => {
    const large = tarMember("2.bin", "large".repeat(300))
    const files = { "s.tgz": gzipSync(tar(tarMember("1.jpg"), large)) }
    const { copy } = await purgeCopy(files, ["1.jpg"], { itemBytes: 1_000 })
    expect(gunzipSync(copy["s.tgz"]!).subarray(0, large.length)).toEqual(large)
  })

  it("leaves files beside a shard, and names those that are no longer correct", async () => {
    const files = {
      "0.tar": plainTar({ "1.jpg": "x", "2.jpg": "y" }),
      "0.idx": "offsets",
      "index.json": "{}",
      "metadata.csv": "file_name\n",
    }
    const { result } = await purgeCopy(files, ["1.jpg"])
    expect(result).toMatchObject({ itemsDropped: 1, samplesDropped: 1, stale: ["0.idx", "index.json"] })
  })

  it("names tables over plain files that are gone", async () => {
    using made = await datasetOf({
      "a/1.jpg": "known",
      "a/metadata.csv": "x",
      "b/metadata.csv": "x",
      "b/2.jpg": "two",
      "metadata.jsonl": "{}",
      "a.parquet": "x",
    })
    const listing = listingOf(made.plan.shards[0]!)
    const gone = listing.files.filter((file) => pathOf(file) === "a/1.jpg")
    expect(staleTablesOf(listing, gone).toSorted()).toEqual(["a.parquet", "a/metadata.csv", "metadata.jsonl"])
    expect(staleTablesOf(listing, [])).toEqual([])
  })

  it("leaves a container in place unless it contains a known item", async () => {
    const inner = await zip([{ name: "x.jpg", content: "x" }])
    const { copy } = await purgeCopy({ "s.tar": plainTar({ "1.bin": inner, "2.bin": plainTar({ "y.jpg": "y" }) }) }, [
      "!/x.jpg",
    ])
    expect(copy["s.tar"]?.includes("2.bin")).toBe(true)
    expect(copy["s.tar"]?.includes("1.bin")).toBe(false)
  })

  it.skipIf(!hasZip)("keeps encrypted and streamed entries of a zip readable to other readers", async () => {
    using folder = temporaryFolder()
    folder.write("1.jpg", "known")
    folder.write("2.jpg", "secret picture")
    folder.write("3.jpg", "plain picture")
    const run = (...values: readonly string[]) => execFileSync("zip", ["-q", ...values], { cwd: folder.path })
    run("s.zip", "1.jpg")
    run("-P", "word", "s.zip", "2.jpg")
    run("-fd", "s.zip", "3.jpg")
    const { result, copy } = await purgeCopy({ "s.zip": readFileSync(join(folder.path, "s.zip")) }, ["1.jpg"])
    const path = folder.write("purged.zip", copy["s.zip"]!)
    expect(execFileSync("unzip", ["-p", "-P", "word", path], { encoding: "utf8" })).toBe("secret pictureplain picture")
    expect(result).toMatchObject({ itemsDropped: 1, itemsWritten: 2 })
  })

  it("still notices a source that changed since it was digested", async () => {
    using made = await datasetOf({ "s.tar": plainTar({ "1.jpg": "x", "2.jpg": "y" }) })
    made.folder.write("in/s.tar", plainTar({ "1.jpg": "x", "2.jpg": "z" }))
    const copying = copyShard(made.plan.root, made.plan.shards[0]!, made.out, {
      isClear: allBut("1.jpg"),
      mode: "purge",
    })
    await expect(copying).rejects.toThrow(expect.objectContaining({ code: "source_changed" }))
  })
})
