import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { filesBelow, noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { LISTING } from "../src/plan/types.ts"
import { LISTED_SEED, putAll, storeTest } from "./support/buckets.ts"
import { nightlight } from "./support/in-process.ts"

const pathsOf = (plan: Awaited<ReturnType<typeof planDataset>>) =>
  plan.shards.flatMap((shard) => (shard[LISTING]?.files ?? []).map(({ path }) => path.toString())).toSorted()

describe("an object beside a folder of its name", () => {
  it.each(["s3://source/train", "s3://source/train/", "s3://source/{train,test}"])(
    "does not hide the folder: %s",
    async (input) => {
      await using made = await storeTest()
      const bucket = made.store.addBucket("source")
      putAll(bucket, "", { train: "", "train/a.txt": "words", "train/b.txt": "words", "test/c.txt": "words" })
      const paths = pathsOf(await planDataset([input], {}, noSignal))
      const below = paths.map((path) => path.replace(/^train\//, ""))
      expect(below).toEqual(expect.arrayContaining(["a.txt", "b.txt"]))
      expect(below).not.toContain("train")
    },
  )

  it("is counted as left aside if it holds something", async () => {
    await using made = await storeTest()
    putAll(made.store.addBucket("source"), "", { train: "words", "train/a.txt": "words" })
    const plan = await planDataset(["s3://source/train"], {}, noSignal)
    expect(pathsOf(plan)).toEqual(["a.txt"])
    expect(plan.skipped).toEqual({ unsafe_name: 1 })
  })

  it("is left aside in a prefix as well, so that a clean copy on a disk ends", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", { "in/train": "others", "in/train-1": "words", "in/train/a.txt": "words" })
    const { report } = await scan(test.workspace, { inputs: ["s3://source/in"], out: test.pathOf("clean") })
    expect(report).toMatchObject({ state: "complete", skipped: { unsafe_name: 1 } })
    expect(Object.keys(filesBelow(test.pathOf("clean"))).toSorted()).toEqual(["train-1", "train/a.txt"])
  })

  it("is no file of the clean copy on a disk if it is empty", async () => {
    await using made = await storeTest()
    const { test, store } = made
    putAll(store.addBucket("source"), "", { "in/train": "", "in/train/a.txt": "words", "in/train/empty.txt": "" })
    const { report } = await scan(test.workspace, { inputs: ["s3://source/in"], out: test.pathOf("clean") })
    expect(report).toMatchObject({ state: "complete" })
    expect(Object.keys(filesBelow(test.pathOf("clean"))).toSorted()).toEqual(["train/a.txt", "train/empty.txt"])
  })

  it("is not what a purge searches instead of the folder that was scanned", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const listed = plainTar({ "a.jpg": await jpeg(LISTED_SEED), "b.jpg": await jpeg(1) })
    const bucket = store.addBucket("source")
    putAll(bucket, "", { train: await jpeg(2), "train/a.tar": listed })
    await scan(test.workspace, { inputs: ["s3://source/train/"], out: test.pathOf("clean") })
    const purged = await nightlight(test.root, "purge", "s-000001", "--basis", "report 1", "--include-review")
    expect(purged).toMatchObject({ exit: 0 })
    expect(purged.out).toContain("Removed 1 known item")
    expect(bucket.current("train/a.tar")?.body.equals(listed)).toBe(false)
  })
})
