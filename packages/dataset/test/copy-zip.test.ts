import { buffer } from "node:stream/consumers"
import { filesBelow, sha256, zip } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { fromBufferPromise } from "yauzl"
import { allBut, copyDataset, datasetOf } from "./support/copying.ts"

/** Entries as `yauzl` reads them, with their times. */
async function entriesOf(bytes: Buffer): Promise<Readonly<Record<string, string>>> {
  const file = await fromBufferPromise(bytes)
  const entries: Record<string, string> = {}
  for await (const entry of file.eachEntry()) {
    const content = entry.fileName.endsWith("/")
      ? ""
      : (await buffer(await file.openReadStreamPromise(entry))).toString("latin1")
    expect(entry.getLastModDate({ timezone: "UTC" }).toISOString()).toBe("2024-01-02T03:04:06.000Z")
    entries[entry.fileName] = content
  }
  return entries
}

describe("the clean copy of a zip", () => {
  it("is byte-identical where nothing is dropped", async () => {
    const bytes = await zip([
      { name: "a/", content: "" },
      { name: "a/1.jpg", content: "hello".repeat(50) },
      { name: "a/2.jpg", content: "stored", isStored: true },
    ])
    using made = await datasetOf({ "s.zip": bytes })
    const [result] = await copyDataset(made.plan, made.out)
    expect(filesBelow(made.out)).toEqual({ "s.zip": bytes })
    expect(result).toMatchObject({ itemsWritten: 2, itemsDropped: 0, outputSha256: sha256(bytes), bytes: bytes.length })
  })

  it("keeps names, times and compressed data of what is not dropped", async () => {
    const bytes = await zip([
      { name: "d/", content: "" },
      { name: "1.jpg", content: "withheld" },
      { name: "1.txt", content: "caption" },
      { name: "d/ü.jpg", content: "kept".repeat(100) },
      { name: "d/3.jpg", content: "stored", isStored: true },
    ])
    using made = await datasetOf({ "s.zip": bytes })
    const [result] = await copyDataset(made.plan, made.out, allBut("1.jpg"))
    const copy = filesBelow(made.out)["s.zip"]!
    expect(await entriesOf(copy)).toEqual({ "d/": "", "d/ü.jpg": "kept".repeat(100), "d/3.jpg": "stored" })
    expect(copy.includes("withheld") || copy.includes("caption") || copy.includes("1.txt")).toBe(false)
    expect(result).toMatchObject({ itemsWritten: 2, itemsDropped: 2, samplesWritten: 2, samplesDropped: 1 })
  })

  it("copies no bytes that belong to no entry", async () => {
    const bytes = await zip([{ name: "1.jpg", content: "hello" }], "a comment that may be anything ".repeat(10))
    using made = await datasetOf({ "s.zip": bytes })
    await copyDataset(made.plan, made.out)
    const copy = filesBelow(made.out)["s.zip"]!
    expect(copy.includes("comment")).toBe(false)
    expect(await entriesOf(copy)).toEqual({ "1.jpg": "hello" })
  })

  it("removes rows of withheld pictures from a table", async () => {
    const bytes = await zip([
      { name: "t/metadata.csv", content: "file_name,text\r\n1.jpg,one\r\nsub/2.jpg,two\r\n" },
      { name: "t/1.jpg", content: "a" },
      { name: "t/sub/2.jpg", content: "b" },
    ])
    using made = await datasetOf({ "s.zip": bytes })
    const [result] = await copyDataset(made.plan, made.out, allBut("sub/2.jpg"))
    expect(await entriesOf(filesBelow(made.out)["s.zip"]!)).toEqual({
      "t/metadata.csv": "file_name,text\r\n1.jpg,one\r\n",
      "t/1.jpg": "a",
    })
    expect(result).toMatchObject({ droppedRows: 1, stale: [], itemsWritten: 2 })
  })

  it("leaves out a table that cannot be filtered", async () => {
    const bytes = await zip([
      { name: "metadata.parquet", content: "PAR1" },
      { name: "1.jpg", content: "a" },
      { name: "2.jpg", content: "b" },
    ])
    using made = await datasetOf({ "s.zip": bytes })
    const [result] = await copyDataset(made.plan, made.out, allBut("1.jpg"))
    expect(Object.keys(await entriesOf(filesBelow(made.out)["s.zip"]!))).toEqual(["2.jpg"])
    expect(result).toMatchObject({ stale: ["s.zip!/metadata.parquet"], itemsWritten: 1, itemsDropped: 2 })
  })

  it("contains exactly the kept entries, for any entries and any decision", async () => {
    const entry = fc.record({
      content: fc.string({ unit: fc.constantFrom("a", "b", "\u00ff"), maxLength: 300 }),
      isStored: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 8 }), fc.func(fc.boolean()), async (entries, isClear) => {
        const named = entries.map((one, index) => ({
          name: `${index}.jpg`,
          ...one,
          content: Buffer.from(one.content, "latin1"),
        }))
        using made = await datasetOf({ "s.zip": await zip(named) })
        await copyDataset(made.plan, made.out, (item) => isClear(item.ordinal))
        const expected = named
          .filter((_, index) => isClear(index))
          .map(({ name, content }) => [name, content.toString("latin1")])
        expect(await entriesOf(filesBelow(made.out)["s.zip"]!)).toEqual(Object.fromEntries(expected))
      }),
      { numRuns: 40 },
    )
  })
})
