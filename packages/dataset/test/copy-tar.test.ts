import { gunzipSync, gzipSync } from "node:zlib"
import {
  filesBelow,
  longName,
  membersOf,
  padded,
  paxHeader,
  plainTar,
  sha256,
  TAR_END,
  tar,
  tarHeader,
  tarMember,
  zip,
} from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { allBut, copyDataset, datasetOf } from "./support/copying.ts"

async function namesIn(bytes: Uint8Array | undefined): Promise<readonly string[]> {
  return (await membersOf(bytes!)).map(([name]) => name)
}

/** A gzip with more in its header than it needs. */
function withHeader(content: Buffer, flag: number, extra: Buffer): Buffer {
  const bytes = gzipSync(content)
  const head = Buffer.from(bytes.subarray(0, 10))
  head[3] = flag
  return Buffer.concat([head, extra, bytes.subarray(10)])
}

describe("the clean copy of a tar", () => {
  it("is byte-identical where nothing is dropped", async () => {
    const bytes = tar(
      paxHeader({ path: "long.jpg" }),
      tarMember("x", "hello"),
      tarHeader({ name: "d/", type: "5" }),
      longName("l.txt"),
      tarMember("y"),
    )
    const padding = Buffer.concat([bytes, Buffer.alloc(9 * 512)])
    using made = await datasetOf({ "a/s.tar": padding, "noend.tar": tarMember("1.jpg") })
    const results = await copyDataset(made.plan, made.out)
    expect(filesBelow(made.out)).toEqual({ "a/s.tar": padding, "noend.tar": tarMember("1.jpg") })
    expect(results[1]).toEqual({
      itemsWritten: 2,
      itemsDropped: 0,
      samplesWritten: 2,
      samplesDropped: 0,
      keyCollisions: 0,
      droppedRows: 0,
      bytes: padding.length,
      outputSha256: sha256(padding),
      stale: [],
    })
  })

  it("loses a whole sample for one withheld item, and keeps the blocks of the others", async () => {
    const [one, two] = [tarMember("1.jpg", "a"), tarMember("1.txt", "b")]
    const kept = [paxHeader({ path: "2.jpg" }), tarMember("x", "c"), tarMember("2.txt", "d")]
    using made = await datasetOf({ "s.tar": tar(one, two, ...kept) })
    const [result] = await copyDataset(made.plan, made.out, allBut("1.txt"))
    const copy = filesBelow(made.out)["s.tar"]!
    const blocks = Buffer.concat(kept)
    expect(copy.subarray(0, blocks.length)).toEqual(blocks)
    expect(copy.subarray(blocks.length)).toEqual(Buffer.alloc(10_240 - blocks.length))
    expect(result).toMatchObject({
      itemsWritten: 2,
      itemsDropped: 2,
      samplesWritten: 1,
      samplesDropped: 1,
      outputSha256: sha256(copy),
    })
  })

  it("is an empty tar where everything is withheld, so that a brace list still reads", async () => {
    using made = await datasetOf({ "s.tar": plainTar({ "1.jpg": "a" }) })
    await copyDataset(made.plan, made.out, () => false)
    expect(filesBelow(made.out)["s.tar"]).toEqual(Buffer.alloc(10_240))
  })

  it("withholds the sample of an archive with a withheld member", async () => {
    const inner = await zip([{ name: "x.jpg", content: "p" }])
    using made = await datasetOf({ "s.tar": tar(tarMember("1.zip", inner), tarMember("1.txt"), tarMember("2.jpg")) })
    await copyDataset(made.plan, made.out, allBut("!/x.jpg"))
    expect(await namesIn(filesBelow(made.out)["s.tar"])).toEqual(["2.jpg"])
  })

  it("never keeps an item that a reader refused, whatever the decision", async () => {
    const hostile = [
      tarMember("../up.jpg"),
      tarHeader({ name: "link", type: "2" }),
      tarHeader({ name: "../d/", type: "5" }),
    ]
    using made = await datasetOf({ "s.tar": tar(...hostile, tarMember("1.jpg")) })
    const [result] = await copyDataset(made.plan, made.out)
    expect(await namesIn(filesBelow(made.out)["s.tar"])).toEqual(["1.jpg"])
    expect(result).toMatchObject({ itemsWritten: 1, itemsDropped: 3 })
  })

  it("copies no bytes hidden behind a member's data", async () => {
    const member = tarMember("1.jpg", "hello")
    member.write("hidden", 600)
    using made = await datasetOf({ "s.tar": tar(member) })
    await copyDataset(made.plan, made.out)
    expect(filesBelow(made.out)["s.tar"]).toEqual(tar(tarMember("1.jpg", "hello")))
  })

  it("does not join two samples of one key when the one between is dropped", async () => {
    using made = await datasetOf({
      "s.tar": tar(
        tarMember("a.jpg", "1"),
        tarMember("b.jpg"),
        tarMember("a.txt", "2"),
        tarMember("b.txt"),
        tarMember("c.jpg"),
      ),
    })
    const [result] = await copyDataset(made.plan, made.out, allBut("b.jpg"))
    // `b.txt` has the key of what was withheld; `a.txt` would have become the caption of `a.jpg`.
    expect(await namesIn(filesBelow(made.out)["s.tar"])).toEqual(["a.jpg", "c.jpg"])
    expect(result).toMatchObject({ keyCollisions: 2, samplesDropped: 3, samplesWritten: 2 })
  })

  it("keeps samples of one key apart where nothing is dropped", async () => {
    const bytes = tar(tarMember("a.jpg"), tarMember("b.jpg"), tarMember("a.txt"))
    using made = await datasetOf({ "s.tar": bytes })
    expect(await copyDataset(made.plan, made.out)).toMatchObject([{ keyCollisions: 0 }])
    expect(filesBelow(made.out)["s.tar"]).toEqual(bytes)
  })

  it("leaves out a table whose rows are no longer correct", async () => {
    using made = await datasetOf({
      "s.tar": plainTar({ "1.jpg": "a", "metadata.csv": "file_name\n1.jpg\n", "2.jpg": "b" }),
    })
    const [result] = await copyDataset(made.plan, made.out, allBut("1.jpg"))
    expect(await namesIn(filesBelow(made.out)["s.tar"])).toEqual(["2.jpg"])
    expect(result?.stale).toEqual(["s.tar!/metadata.csv"])
  })

  it("copies a gzipped tar byte for byte where nothing is dropped", async () => {
    const bytes = tar(tarMember("1.jpg", "a".repeat(3_000)), tarMember("2.jpg", "b"))
    const named = Buffer.concat([gzipSync(bytes).subarray(0, 10), Buffer.from("s.tar\0"), gzipSync(bytes).subarray(10)])
    named[3] = 8
    const files = { "named.tgz": named, "s.tar.gz": gzipSync(bytes, { level: 1 }) }
    using made = await datasetOf(files)
    const results = await copyDataset(made.plan, made.out)
    expect(filesBelow(made.out)).toEqual(files)
    expect(results.map(({ outputSha256 }) => outputSha256)).toEqual([sha256(named), sha256(files["s.tar.gz"])])
  })

  it("recompresses a gzipped tar that lost a sample, to the same bytes every time", async () => {
    using made = await datasetOf({ "s.tar.gz": gzipSync(plainTar({ "1.jpg": "a", "2.jpg": "b" }), { level: 1 }) })
    const results = await copyDataset(made.plan, made.out, allBut("1.jpg"))
    const copy = filesBelow(made.out)["s.tar.gz"]!
    expect(await namesIn(gunzipSync(copy))).toEqual(["2.jpg"])
    expect(copy.readUInt32LE(4)).toBe(0)
    expect(results[0]?.outputSha256).toBe(sha256(copy))
    expect(await copyDataset(made.plan, made.out, allBut("1.jpg"))).toEqual(results)
    expect(filesBelow(made.out)["s.tar.gz"]).toEqual(copy)
  })

  it.each([
    ["a comment in its header", (bytes: Buffer) => withHeader(bytes, 16, Buffer.from("hidden\0"))],
    ["an extra field in its header", (bytes: Buffer) => withHeader(bytes, 4, Buffer.from("\u0006\0hidden", "latin1"))],
    [
      "a member of its own with a comment",
      (bytes: Buffer) =>
        Buffer.concat([gzipSync(bytes.subarray(0, 512)), withHeader(bytes.subarray(512), 16, Buffer.from("hidden\0"))]),
    ],
    [
      "an empty member with a comment",
      (bytes: Buffer) => Buffer.concat([withHeader(Buffer.alloc(0), 16, Buffer.from("hidden\0")), gzipSync(bytes)]),
    ],
    [
      "bytes behind a member's data",
      (bytes: Buffer) => {
        const copy = Buffer.from(bytes)
        copy.write("hidden", 512 + 100)
        return gzipSync(copy, { level: 0 })
      },
    ],
  ])("copies a gzipped tar without content hidden in %s", async (_, hide) => {
    const bytes = tar(tarMember("1.jpg", "a"), tarMember("2.jpg", "b"))
    const hidden = hide(bytes)
    expect(hidden.includes("hidden")).toBe(true)
    using made = await datasetOf({ "s.tar.gz": hidden })
    await copyDataset(made.plan, made.out)
    const copy = filesBelow(made.out)["s.tar.gz"]!
    expect(gunzipSync(copy)).toEqual(bytes)
    expect(copy.includes("hidden")).toBe(false)
  })

  it("equals the source without the withheld samples, for any members and any decision", async () => {
    const member = fc.record({
      key: fc.constantFrom("a", "b", "c", "dir/a", "long".repeat(40)),
      extension: fc.constantFrom("jpg", "txt", "json"),
      content: fc.uint8Array({ maxLength: 1_500 }),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(member, { maxLength: 10 }),
        fc.func(fc.boolean()),
        fc.boolean(),
        async (members, isClear, isZipped) => {
          const raw = members.map(({ key, extension, content }) => {
            const name = `${key}.${extension}`
            return name.length > 99
              ? Buffer.concat([longName(name), tarMember("short", content)])
              : tarMember(name, content)
          })
          const bytes = tar(...raw)
          using made = await datasetOf(isZipped ? { "s.tgz": gzipSync(bytes) } : { "s.tar": bytes })
          const [result] = await copyDataset(made.plan, made.out, (item) => isClear(item.ordinal))
          const file = Object.values(filesBelow(made.out))[0]!
          const copy = isZipped ? gunzipSync(file) : file

          const samples: { key: string; at: number[]; clear: boolean }[] = []
          for (const [i, { key }] of members.entries()) {
            const open = samples.at(-1)
            const sample = open?.key === key ? open : { key, at: [], clear: true }
            if (sample !== open) samples.push(sample)
            sample.at.push(i)
            sample.clear &&= isClear(i)
          }
          const withheld = new Set(samples.filter(({ clear }) => !clear).map(({ key }) => key))
          const kept = samples
            .filter(({ key }) => !withheld.has(key))
            .filter((sample, i, all) => withheld.size === 0 || all[i - 1]?.key !== sample.key)
          // Of three of one key in a row, the first alone stays.
          const blocks = Buffer.concat(
            kept
              .filter((sample, i, all) => withheld.size === 0 || all.slice(0, i).at(-1)?.key !== sample.key)
              .flatMap(({ at }) => at.map((index) => raw[index]!)),
          )
          expect(copy.subarray(0, blocks.length)).toEqual(blocks)
          expect(copy.subarray(blocks.length).every((byte) => byte === 0)).toBe(true)
          expect((await membersOf(copy)).length).toBe(result?.itemsWritten)
          if (withheld.size === 0) expect(copy).toEqual(bytes)
        },
      ),
      { numRuns: 60 },
    )
  })

  it("leaves the source as it was", async () => {
    const bytes = Buffer.concat([tar(tarMember("1.jpg"), tarMember("2.jpg")), TAR_END])
    using made = await datasetOf({ "s.tar": bytes, "1.jpg": padded(Buffer.from("x")) })
    const before = filesBelow(made.plan.root)
    await copyDataset(made.plan, made.out, allBut("1.jpg"))
    expect(filesBelow(made.plan.root)).toEqual(before)
  })
})
