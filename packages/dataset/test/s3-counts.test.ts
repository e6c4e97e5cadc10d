import { readFileSync } from "node:fs"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { scan } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { LISTED_SEED, objectsBelow, putAll, storeTest } from "./support/buckets.ts"
import { blob, duckdb } from "./support/duckdb.ts"
import { BASIS, purge } from "./support/purges.ts"

describe("the counts of a Hugging Face dataset in a bucket", () => {
  it.each([true, false])("are those that a purge leaves (versions: %s)", async (isVersioned) => {
    await using made = await storeTest()
    const { test, store } = made
    const bucket = store.addBucket("source", { isVersioned })
    const path = test.pathOf("train.parquet")
    const rows = await Promise.all(
      [1, LISTED_SEED, 2].map(async (seed) => `({'bytes': ${blob(await jpeg(seed))}, 'path': 'x'})`),
    )
    await duckdb(`COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(image)) TO '${path}'`)
    const readme = (n: number) => `---\ndataset_info:\n  splits:\n  - name: train\n    num_examples: ${n}\n---\nx\n`
    putAll(bucket, "set/", { "data/train.parquet": readFileSync(path), "README.md": readme(3) })
    await scan(test.workspace, { inputs: ["s3://source/set"] })
    expect(await purge(test, { basis: BASIS, includeReview: true })).toMatchObject({ itemsRemoved: 1, failed: [] })
    expect(String(objectsBelow(bucket, "set/")["README.md"])).toBe(readme(2))
  })
})
