import { noSignal, plainTar, sha256, zip } from "@nightlight/dev-env/dataset/shards"
import { afterEach, describe, expect, it, vi } from "vitest"
import { openShard } from "../src/plan/open-shard.ts"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { digestItem } from "../src/readers/digest-item.ts"
import { DEFAULT_READER_LIMITS } from "../src/readers/limits.ts"
import { putAll } from "./support/buckets.ts"
import { startObjectStore } from "./support/object-store/server.ts"

afterEach(() => void vi.unstubAllEnvs())

const SMALL = Buffer.from("small")
const LARGE = Buffer.alloc(5000, "large and not held")
const ARCHIVE = plainTar({ "a.txt": LARGE })

/** A bucket with an item beyond the limit among plain files, in a tar and stored in a zip. */
async function largeItems() {
  const store = await startObjectStore()
  for (const [name, value] of Object.entries(store.env)) vi.stubEnv(name, value)
  const bucket = store.addBucket("source")
  const entries = { "a.txt": SMALL, "b.txt": LARGE, "c.tar": ARCHIVE }
  putAll(bucket, "", {
    "loose/a.txt": SMALL,
    "loose/b.jpg": LARGE,
    "one.tar": plainTar(entries),
    "two.zip": await zip(Object.entries(entries).map(([name, content]) => ({ name, content, isStored: true }))),
  })
  return { store, bucket, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

async function itemsOfAll() {
  const { shards } = await planDataset(["s3://source"], {}, noSignal)
  const found = []
  for (const shard of shards) {
    const limits = { ...DEFAULT_READER_LIMITS, itemBytes: 1000 }
    await using reader = await openShard(shard, limits, noSignal)
    for await (const { items } of reader.samples()) found.push(...items.map((item) => ({ item, reader })))
  }
  return found
}

describe("an item of a bucket that is too large to be held", () => {
  it("is read part by part, once its shard is closed too, and an archive is not opened", async () => {
    await using _ = await largeItems()
    const seen = []
    for (const { item, reader } of await itemsOfAll()) {
      const { place, source, refused, unread } = item
      seen.push([place, source.kind, refused, unread])
      const bytes = { a: SMALL, b: LARGE, c: ARCHIVE }[/([abc])\.\w+$/.exec(place)?.[1] ?? ""]
      expect(await digestItem(item, noSignal)).toBe(sha256(bytes ?? Buffer.alloc(0)))
      expect(await reader.readItem(item)).toEqual(expect.objectContaining({ length: bytes?.length }))
    }
    const members = [
      ["a.txt", "bytes", undefined, undefined],
      ["b.txt", "stream", undefined, undefined],
      ["c.tar", "stream", "archive_limit", undefined],
    ]
    expect(seen).toEqual([
      ...members,
      ...members,
      ["loose/a.txt", "bytes", undefined, undefined],
      ["loose/b.jpg", "stream", undefined, undefined],
    ])
  })

  it("is not another one: an object that changed is not read further", async () => {
    await using made = await largeItems()
    const items = await itemsOfAll()
    for (const name of ["loose/b.jpg", "one.tar", "two.zip"]) made.bucket.put(name, Buffer.alloc(20_000))
    for (const { item } of items.filter(({ item: { source } }) => source.kind === "stream")) {
      await expect(digestItem(item, noSignal)).rejects.toThrow(expect.objectContaining({ code: "source_changed" }))
    }
  })
})
