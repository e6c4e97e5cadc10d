import { mkdirSync, readdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { filesBelow, membersOf, noSignal, plainTar, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { planDataset } from "../src/plan/plan-dataset.ts"
import { allBut, copyDataset, copyShard, datasetOf } from "./support/copying.ts"

const textsBelow = (folder: string) =>
  Object.fromEntries(Object.entries(filesBelow(folder)).map(([name, bytes]) => [name, bytes.toString()]))

describe("the clean copy of plain files", () => {
  it("contains only clear samples, at the same places", async () => {
    using made = await datasetOf({
      "a/1.jpg": "one",
      "a/1.txt": "caption",
      "b/2.jpg": "two",
      "b/2.jpg.json": "{}",
      "b/note.md": "n",
    })
    const [result] = await copyDataset(made.plan, made.out, allBut("1.txt"))
    expect(textsBelow(made.out)).toEqual({ "b/2.jpg": "two", "b/2.jpg.json": "{}", "b/note.md": "n" })
    expect(readdirSync(made.out)).toEqual(["b"])
    expect(result).toEqual({
      itemsWritten: 3,
      itemsDropped: 2,
      samplesWritten: 2,
      samplesDropped: 1,
      keyCollisions: 0,
      droppedRows: 0,
      bytes: 6,
      stale: [],
    })
  })

  it("is empty where everything is withheld", async () => {
    using made = await datasetOf({ "a/1.jpg": "one" })
    await copyDataset(made.plan, made.out, () => false)
    expect(readdirSync(made.out)).toEqual([])
  })

  it("removes files that an earlier decision had kept", async () => {
    using made = await datasetOf({ "1.jpg": "one", "2.jpg": "two", "s.tar": plainTar({ "1.jpg": "x" }), "s.idx": "0" })
    await copyDataset(made.plan, made.out)
    await copyDataset(made.plan, made.out, (item) => item.place !== "1.jpg" && item.place !== "s.idx")
    expect(Object.keys(textsBelow(made.out))).toEqual(["2.jpg", "s.tar"])
  })

  it("copies links of the source neither as links nor as files", async () => {
    using made = await datasetOf({ "1.jpg": "one" })
    symlinkSync("/etc/passwd", join(made.plan.root, "link.txt"))
    await copyDataset(await planDataset([made.plan.root], {}, noSignal), made.out)
    expect(readdirSync(made.out)).toEqual(["1.jpg"])
  })
})

describe("tables about files of a copy", () => {
  it("lose the rows of withheld files, across shards, and no other byte", async () => {
    using made = await datasetOf({
      "t/metadata.csv":
        '\u{feff}file_name,text\r\n"1.jpg","a, ""quoted""\r\ncaption"\r\nsub/2.jpg,two\r\n\r\n3.jpg,three',
      "t/1.jpg": "1",
      "t/sub/2.jpg": "2",
      "t/3.jpg": "3",
    })
    const plan = await planDataset([made.plan.root], { filesPerShard: 1 }, noSignal)
    const results = await copyDataset(plan, made.out, allBut("sub/2.jpg"))
    expect(textsBelow(made.out)["t/metadata.csv"]).toBe(
      '\u{feff}file_name,text\r\n"1.jpg","a, ""quoted""\r\ncaption"\r\n\r\n3.jpg,three',
    )
    expect(results.at(-1)).toMatchObject({ droppedRows: 1, itemsWritten: 1, stale: [] })
  })

  it("lose lines of JSON, including unreadable ones", async () => {
    using made = await datasetOf({
      "metadata.jsonl":
        '{"file_name":"1.jpg"}\n{"a_file_names":["1.jpg","2.jpg"]}\nbroken\n{"mask_file_name":"./1.jpg","x":1}\n',
      "1.jpg": "1",
      "2.jpg": "2",
    })
    await copyDataset(made.plan, made.out, allBut("2.jpg"))
    expect(textsBelow(made.out)["metadata.jsonl"]).toBe('{"file_name":"1.jpg"}\n{"mask_file_name":"./1.jpg","x":1}\n')
  })

  it.each([
    ["a name above the table", "../1.jpg"],
    ["an absolute name", "/etc/passwd"],
    ["a URL", "file://1.jpg"],
    ["a file that never was", "9.jpg"],
  ])("lose a row with %s", async (_, name) => {
    using made = await datasetOf({ "t/metadata.csv": `file_name\n${name}\n1.jpg\n`, "t/1.jpg": "1", "1.jpg": "2" })
    await copyDataset(made.plan, made.out)
    expect(textsBelow(made.out)["t/metadata.csv"]).toBe("file_name\n1.jpg\n")
  })

  it.each([
    [
      "a stray quote within a field",
      'file_name,text\n1.jpg,5" wide\n2.jpg,hidden\n',
      'file_name,text\n1.jpg,5" wide\n',
    ],
    ["a quote that never closes", 'file_name,text\n1.jpg,"open\n2.jpg,hidden\n', "file_name,text\n"],
    ["more fields than columns", "file_name,text\n1.jpg,a,2.jpg\n", "file_name,text\n"],
    ["old line ends", "file_name\r1.jpg\r2.jpg\r", "file_name\r1.jpg\r"],
  ])("are read as loaders read them with %s", async (_, before, after) => {
    using made = await datasetOf({ "metadata.csv": before, "1.jpg": "1", "2.jpg": "2" })
    await copyDataset(made.plan, made.out, allBut("2.jpg"))
    expect(textsBelow(made.out)["metadata.csv"]).toBe(after)
  })

  it("are left out as stale where their rows cannot be read, and copied where all files are there", async () => {
    const files = {
      "a/metadata.parquet": "PAR1",
      "a/1.jpg": "1",
      "b/metadata.csv": "name;x\n",
      "b/1.jpg": "1",
      "c/metadata.csv": "name;x\n",
      "c/9.jpg": "9",
    }
    using made = await datasetOf(files)
    const whole = await copyDataset(made.plan, made.out)
    expect(Object.keys(textsBelow(made.out))).toEqual(Object.keys(files).sort())
    expect(whole.at(-1)?.stale).toEqual([])
    const results = await copyDataset(made.plan, made.out, allBut("1.jpg"))
    expect(results.at(-1)?.stale).toEqual(["a/metadata.parquet", "b/metadata.csv"])
    expect(Object.keys(textsBelow(made.out))).toEqual(["c/9.jpg", "c/metadata.csv"])
  })

  it("of one folder stay where another folder lost a file", async () => {
    using made = await datasetOf({
      "00000/1.jpg": "1",
      "00000.parquet": "x",
      "00001/2.jpg": "2",
      "00001.parquet": "y",
      "00001_stats.json": "{}",
    })
    const results = await copyDataset(made.plan, made.out, allBut("2.jpg"))
    expect(Object.keys(textsBelow(made.out))).toEqual(["00000.parquet", "00000/1.jpg"])
    expect(results.at(-1)?.stale).toEqual(["00001.parquet", "00001_stats.json"])
  })

  it("over shards are stale once any shard lost something, or when that is not known", async () => {
    using made = await datasetOf({ "index.json": "{}", "s.tar": plainTar({ "1.jpg": "x", "2.jpg": "y" }) })
    expect((await copyDataset(made.plan, made.out)).at(-1)?.stale).toEqual([])
    expect((await copyDataset(made.plan, made.out, allBut("2.jpg"))).at(-1)?.stale).toEqual(["index.json"])
    expect((await copyShard(made.plan.root, made.plan.shards.at(-1)!, made.out)).stale).toEqual(["index.json"])
  })
})

describe("files beside a tar", () => {
  const files = { "0.tar": plainTar({ "1.jpg": "x", "2.jpg": "y" }), "0.idx": "offsets", "0_stats.json": "{}" }

  it("are copied with it when it is whole", async () => {
    using made = await datasetOf(files)
    expect(await copyDataset(made.plan, made.out)).toMatchObject([{ itemsWritten: 4, samplesWritten: 4, stale: [] }])
    expect(Object.keys(textsBelow(made.out))).toEqual(["0.idx", "0.tar", "0_stats.json"])
  })

  it("are left out as stale when it lost a sample", async () => {
    using made = await datasetOf(files)
    expect(await copyDataset(made.plan, made.out, allBut("2.jpg"))).toMatchObject([
      { itemsWritten: 1, itemsDropped: 3, stale: ["0.idx", "0_stats.json"] },
    ])
    expect(Object.keys(textsBelow(made.out))).toEqual(["0.tar"])
  })

  it("can be withheld by themselves", async () => {
    using made = await datasetOf(files)
    expect(await copyDataset(made.plan, made.out, allBut("0.idx"))).toMatchObject([
      { itemsWritten: 3, itemsDropped: 1, stale: [] },
    ])
    expect(filesBelow(made.out)["0.tar"]).toEqual(files["0.tar"])
  })
})

describe("the output folder", () => {
  const conflict = expect.objectContaining({ name: "RequestError", code: "output_conflict" })

  it("may not be the source, lie in it or around it", async () => {
    using made = await datasetOf({ "a/1.jpg": "x" })
    const { root, shards } = made.plan
    using elsewhere = temporaryFolder()
    symlinkSync(root, join(elsewhere.path, "alias"))
    for (const out of [
      root,
      join(root, "a"),
      join(root, "new/deep"),
      made.folder.path,
      join(elsewhere.path, "alias/x"),
    ]) {
      await expect(copyShard(root, shards[0]!, out)).rejects.toThrow(conflict)
    }
    expect(Object.keys(filesBelow(made.folder.path))).toEqual(["in/a/1.jpg"])
  })

  it("may be inside the folder of shards that were named one by one, but not that folder", async () => {
    using made = await datasetOf({ "s.tar": plainTar({ "1.jpg": "x" }) })
    const { root, shards } = await planDataset([join(made.plan.root, "s.tar")], {}, noSignal)
    await expect(copyShard(root, shards[0]!, root)).rejects.toThrow(conflict)
    await copyShard(root, shards[0]!, join(root, "clean"))
    expect(Object.keys(filesBelow(root))).toEqual(["clean/s.tar", "s.tar"])
  })

  it("may not contain the target of a named link", async () => {
    using made = await datasetOf({ "s.tar": plainTar({ "1.jpg": "x", "2.jpg": "y" }) })
    using elsewhere = temporaryFolder()
    symlinkSync(join(made.plan.root, "s.tar"), join(elsewhere.path, "s.tar"))
    const { root, shards } = await planDataset([join(elsewhere.path, "s.tar")], {}, noSignal)
    await expect(copyShard(root, shards[0]!, made.plan.root)).rejects.toThrow(conflict)
    await copyShard(root, shards[0]!, made.out, { isClear: allBut("1.jpg") })
    expect(await membersOf(filesBelow(made.out)["s.tar"]!)).toHaveLength(1)
    expect(await membersOf(filesBelow(made.plan.root)["s.tar"]!)).toHaveLength(2)
  })

  it("is never left through a link in it", async () => {
    using made = await datasetOf({ "a/1.jpg": "x" })
    mkdirSync(made.out)
    symlinkSync(join(made.plan.root, "a"), join(made.out, "a"))
    await expect(copyDataset(made.plan, made.out, () => true)).rejects.toThrow(conflict)
    expect(textsBelow(made.plan.root)).toEqual({ "a/1.jpg": "x" })
  })
})
