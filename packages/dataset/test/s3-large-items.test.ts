import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { membersOf, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { LISTED_SEED, objectsBelow, putAll, storeTest } from "./support/buckets.ts"
import type { SimulatedBucket } from "./support/object-store/bucket.ts"
import { BASIS, purge } from "./support/purges.ts"

/** More than is held in memory. */
const LARGE_BYTES = 257 * 2 ** 20

/** The members of the tars below a prefix. */
const membersBelow = async (bucket: SimulatedBucket, prefix: string) =>
  await Promise.all(
    Object.entries(objectsBelow(bucket, prefix)).map(async ([name, bytes]) => [name, await membersOf(bytes)]),
  )

describe("items of a bucket that are too large to be held", () => {
  it("are screened, sealed, copied and purged as those on disk are", async () => {
    await using made = await storeTest()
    const { test, store } = made
    const [source, out] = [store.addBucket("source"), store.addBucket("out")]
    const known = Buffer.alloc(LARGE_BYTES, Buffer.from([0xff, 0, 0x80, 7]))
    const picture = Buffer.from(`data:image/jpeg;base64,${Buffer.from(await jpeg(LISTED_SEED)).toString("base64")}`)
    const holding = Buffer.concat([Buffer.alloc(LARGE_BYTES, "some words\n"), picture])
    await importRecords(test.workspace, [...(await listOf(LISTED_SEED)), digestRecord(known, "sha256")])
    putAll(source, "", {
      "one.tar": plainTar({ "a.txt": "small", "b.txt": known }),
      "holding.txt": holding,
    })
    const { report } = await scan(test.workspace, { inputs: ["s3://source"], out: "s3://out/clean" })
    expect(report.decisions).toMatchObject({ clear: 1, quarantine: 1, review: 1 })
    const left = [["one.tar", [["a.txt", Buffer.from("small")]]]]
    expect(await membersBelow(out, "clean/")).toEqual(left)
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({ itemsRemoved: 2, failed: [] })
    expect(await membersBelow(source, "")).toEqual(left)
  }, 180_000)
})
