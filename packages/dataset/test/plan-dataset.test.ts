import { mkdirSync, rmSync, symlinkSync, utimesSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { noSignal, outline, plainTar, plan, readShard, temporaryFolder, zip } from "@nightlight/dev-env/dataset/shards"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { openShard } from "../src/plan/open-shard.ts"
import { planDataset } from "../src/plan/plan-dataset.ts"
import type { ShardPlan } from "../src/plan/types.ts"
import { DEFAULT_READER_LIMITS } from "../src/readers/limits.ts"

const refusal = (code: string) => expect.objectContaining({ name: "RequestError", code })
/** The label of a shard of separate files. */
const LOOSE = expect.stringMatching(/^files-[0-9a-f]{12}$/)
const kinds = (shards: readonly ShardPlan[]) => shards.map(({ kind, path }) => [kind, path])

describe("planDataset", () => {
  it("makes every tar and zip a shard, and gathers all other files", async () => {
    using folder = temporaryFolder()
    folder.write("b/1.jpg", "x")
    folder.write("b/1.txt", "x")
    folder.write("a.tar", plainTar({ "1.jpg": "x" }))
    folder.write("c.tgz", gzipSync(plainTar({ "1.jpg": "x" })))
    folder.write("d/e.zip", await zip([{ name: "1.jpg", content: "x" }]))
    const { root, shards } = await plan(folder.path)
    expect(root).toBe(folder.path)
    expect(kinds(shards)).toEqual([
      ["tar", "a.tar"],
      ["tar", "c.tgz"],
      ["zip", "d/e.zip"],
      ["files", LOOSE],
    ])
    expect(new Set(shards.map(({ id }) => /^[0-9a-f]{16}$/.exec(id)?.[0])).size).toBe(4)
    expect(shards[3]).toMatchObject({ items: 2, sizeBytes: 2 })
  })

  it("does not take a picture that is a tar as well for a shard", async () => {
    using folder = temporaryFolder()
    const polyglot = (start: string) => plainTar({ [`${start}.jpg`]: "x" })
    const names = ["a.gif", "b", "c", "d", "e.bin"]
    for (const [i, start] of ["GIF89a", "GIF89a", "BM", "0000ftypavif", "1"].entries()) {
      folder.write(names[i]!, polyglot(start))
    }
    const { root, shards } = await plan(folder.path)
    expect(kinds(shards)).toEqual([["files", LOOSE]])
    const samples = await readShard(root, shards[0]!)
    expect(samples.map(({ items }) => items.map(({ depth, opened }) => [depth, opened]))).toEqual(
      names.map(() => [
        [0, true],
        [1, undefined],
      ]),
    )
  })

  it("recognises a tar by content under any name without a known ending, and by a tar's name whatever its content", async () => {
    using folder = temporaryFolder()
    folder.write("00000", plainTar({ "1.jpg": "x" }))
    folder.write("not.tar", "this is no tar at all, but something may take it for one")
    folder.write("z.tar", await zip([{ name: "1.jpg", content: "x" }]))
    folder.write("emb.npz", await zip([{ name: "1.npy", content: "x" }]))
    folder.write("text.zip", "not a zip")
    folder.write("lines.json.gz", gzipSync("{}".repeat(99)))
    expect(kinds((await plan(folder.path)).shards)).toEqual([
      ["tar", "00000"],
      ["tar", "not.tar"],
      ["zip", "z.tar"],
      ["files", LOOSE],
    ])
  })

  it("gives the same plan for the same dataset, and another when a file changes", async () => {
    using folder = temporaryFolder()
    for (let i = 0; i < 20; i++) folder.write(`d${i % 3}/${i}.jpg`, "x")
    const first = await plan(folder.path)
    expect(JSON.stringify(await plan(folder.path))).toBe(JSON.stringify(first))
    utimesSync(join(folder.path, "d1/1.jpg"), 1, 1)
    const second = await plan(folder.path)
    expect(second.shards[0]?.listingDigest).not.toBe(first.shards[0]?.listingDigest)
  })

  it("keeps the id of every shard when others are added before it or removed", async () => {
    using folder = temporaryFolder()
    const idsOf = async () => new Map((await plan(folder.path)).shards.map(({ path, id }) => [path, id]))
    folder.write("b.tar", plainTar({ "1.jpg": "x" }))
    folder.write("c.tar", plainTar({ "1.jpg": "x" }))
    const before = await idsOf()
    folder.write("a.tar", plainTar({ "1.jpg": "x" }))
    rmSync(join(folder.path, "c.tar"))
    expect((await idsOf()).get("b.tar")).toBe(before.get("b.tar"))
  })

  it("keeps most shards of separate files when one file is added among thousands", async () => {
    using folder = temporaryFolder()
    for (let i = 0; i < 4_000; i++) folder.write(`d/${String(i).padStart(5, "0")}.bin`, "")
    const idsOf = async () =>
      (await planDataset([folder.path], { filesPerShard: 64 }, noSignal)).shards.map(({ id }) => id)
    const before = await idsOf()
    folder.write("d/00000-new.bin", "")
    const after = new Set(await idsOf())
    const changed = before.filter((id) => !after.has(id))
    expect(before.length).toBeGreaterThan(60)
    expect(changed.length).toBeLessThan(6)
  })

  it("keeps no name of a plain file in the part that may be stored", async () => {
    using folder = temporaryFolder()
    folder.write("canary-folder/canary-file.jpg", "x")
    const planned = await plan(folder.path)
    expect(JSON.stringify(planned.shards)).not.toContain("canary")
    expect(outline(await readShard(planned.root, planned.shards[0]!))).toEqual([
      ["canary-folder/canary-file", "canary-folder/canary-file.jpg"],
    ])
  })

  it("does not split a sample over two shards", async () => {
    const stem = fc.constantFrom("a", "b", "c", "d", "e")
    const extension = fc.constantFrom("jpg", "txt", "json", "jpg.txt", "bin")
    const path = fc
      .tuple(fc.constantFrom("x", "y"), stem, extension)
      .map(([folder, name, end]) => `${folder}/${name}.${end}`)
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(path, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 6 }),
        async (paths, most) => {
          using folder = temporaryFolder()
          for (const one of paths) folder.write(one, "x")
          const whole = await planDataset([folder.path], {}, noSignal)
          const cut = await planDataset([folder.path], { filesPerShard: most }, noSignal)
          const samplesOf = async (shards: readonly ShardPlan[]) =>
            (await Promise.all(shards.map((shard) => readShard(folder.path, shard)))).flatMap(outline)
          expect(await samplesOf(cut.shards)).toEqual(await samplesOf(whole.shards))
          const largest = Math.max(
            ...outline(await readShard(folder.path, whole.shards[0]!)).map((sample) => sample.length - 1),
          )
          expect(cut.shards.every(({ items }) => (items ?? 0) <= Math.max(most, largest))).toBe(true)
        },
      ),
      { numRuns: 25 },
    )
  })

  it("follows no symbolic link, and reports it", async () => {
    using folder = temporaryFolder()
    using outside = temporaryFolder()
    outside.write("secret.jpg", "x")
    folder.write("1.jpg", "x")
    symlinkSync(join(outside.path, "secret.jpg"), join(folder.path, "link.jpg"))
    symlinkSync(outside.path, join(folder.path, "linked"))
    symlinkSync(folder.path, join(folder.path, "loop"))
    const planned = await plan(folder.path)
    expect(planned.skipped).toEqual({ symlink: 3 })
    expect(planned.strays.map(({ place }) => place)).toEqual(["link.jpg", "linked", "loop"])
    expect(planned.shards[0]?.items).toBe(1)
  })

  it("leaves out excluded folders, and reports them", async () => {
    using folder = temporaryFolder()
    folder.write("1.jpg", "x")
    folder.write("workspace/secret.jpg", "x")
    const planned = await planDataset([folder.path], { exclude: [join(folder.path, "workspace")] }, noSignal)
    expect(planned.skipped).toEqual({ excluded: 1 })
    expect(planned.shards[0]?.items).toBe(1)
  })

  it("puts files that describe a shard with it, and tables about other files last", async () => {
    using folder = temporaryFolder()
    folder.write("00000.tar", plainTar({ "1.jpg": "x" }))
    for (const name of ["00000.idx", "00000.parquet", "00000_stats.json", "00000.tar.md5"]) folder.write(name, "x")
    folder.write("shards/index.json", "{}")
    folder.write("00001/1.jpg", "x")
    folder.write("00001.parquet", "x")
    folder.write("pics/metadata.csv", "file_name\n")
    folder.write("pics/1.jpg", "x")
    folder.write("data.parquet", "x")
    const { shards } = await plan(folder.path)
    expect(shards[0]?.sidecars).toEqual(["00000.tar.md5", "00000.idx", "00000.parquet", "00000_stats.json"])
    expect(shards.map(({ kind, items, last }) => [kind, items, last])).toEqual([
      ["tar", undefined, undefined],
      ["files", 3, undefined],
      ["files", 3, true],
    ])
  })

  it("reads a brace list, and reports the shards of it that are missing", async () => {
    using folder = temporaryFolder()
    for (const shardOf of [0, 1, 3]) folder.write(`n-00${shardOf}.tar`, plainTar({ "1.jpg": "x" }))
    folder.write("unnamed.tar", plainTar({ "1.jpg": "x" }))
    const planned = await plan(join(folder.path, "n-{000..003}.tar"))
    expect(planned.shards.map(({ path }) => path)).toEqual(["n-000.tar", "n-001.tar", "n-003.tar"])
    expect(planned.strays).toEqual([{ code: "missing", place: "n-002.tar" }])
    expect(planned.skipped).toEqual({ missing: 1 })
  })

  it("reads an existing file whose name has braces as that file", async () => {
    using folder = temporaryFolder()
    const path = folder.write("n-{0..1}.tar", plainTar({ "1.jpg": "x" }))
    expect((await plan(path)).shards.map((shard) => shard.path)).toEqual(["n-{0..1}.tar"])
  })

  it("reads several inputs under the folder they share, each once", async () => {
    using folder = temporaryFolder()
    folder.write("a/1.jpg", "x")
    folder.write("b/c/2.jpg", "x")
    const tarPath = folder.write("b/s.tar", plainTar({ "1.jpg": "x" }))
    const inputs = [join(folder.path, "a"), join(folder.path, "b/c"), join(folder.path, "a/1.jpg"), tarPath, tarPath]
    const planned = await plan(...inputs)
    expect(planned.root).toBe(folder.path)
    expect(planned.shards.map(({ path, items }) => [path, items])).toEqual([
      ["b/s.tar", undefined],
      [LOOSE, 2],
    ])
  })

  it("follows a link that the operator named", async () => {
    using folder = temporaryFolder()
    using elsewhere = temporaryFolder()
    symlinkSync(elsewhere.write("blob", plainTar({ "1.jpg": "x" })), join(folder.path, "s.tar"))
    const { root, shards, readRoots } = await plan(join(folder.path, "s.tar"))
    expect(kinds(shards)).toEqual([["tar", "s.tar"]])
    const samples = await readShard(root, shards[0]!)
    expect(outline(samples)).toEqual([["1", "1.jpg"]])
    // Read where it is: what decodes it follows no link.
    expect(samples[0]?.items[0]?.source).toMatchObject({ path: join(elsewhere.path, "blob") })
    expect(readRoots).toEqual([folder.path, elsewhere.path])
  })

  it.each([
    "pipe:touch /tmp/nightlight-was-here",
    " PIPE: ls",
    "https://example.org/a.tar",
    "gs://bucket/{0..9}.tar",
    "",
    "a\0b",
  ])("refuses %j", async (input) => {
    await expect(plan(input)).rejects.toThrow(refusal("input_invalid"))
  })

  it("reports a missing input", async () => {
    using folder = temporaryFolder()
    await expect(plan(join(folder.path, "none"))).rejects.toThrow(refusal("not_found"))
    await expect(plan(join(folder.path, "n-{0..3}.tar"))).rejects.toThrow(refusal("not_found"))
    await expect(plan()).rejects.toThrow(refusal("input_invalid"))
  })

  it("finds nothing in an empty folder", async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, "empty"))
    expect((await plan(folder.path)).shards).toEqual([])
  })

  it("stops when its signal aborts", async () => {
    using folder = temporaryFolder()
    folder.write("1.jpg", "x")
    await expect(planDataset([folder.path], {}, AbortSignal.abort())).rejects.toThrow(
      expect.objectContaining({ name: "AbortError" }),
    )
  })

  it("reads files whose names are not UTF-8", async () => {
    using folder = temporaryFolder()
    const { writeFileSync } = await import("node:fs")
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff, 0x2e, 0x6a, 0x70, 0x67])]), "hello")
    const { root, shards } = await plan(folder.path)
    const [sample] = await readShard(root, shards[0]!)
    expect(sample?.items[0]?.source).toMatchObject({ kind: "bytes", bytes: Buffer.from("hello") })
  })
})

describe("openShard", () => {
  it("refuses a shard that comes from JSON", async () => {
    using folder = temporaryFolder()
    folder.write("1.jpg", "x")
    const { shards } = await plan(folder.path)
    const stored = JSON.parse(JSON.stringify(shards[0])) as ShardPlan
    await expect(openShard(stored, DEFAULT_READER_LIMITS, noSignal)).rejects.toThrow(refusal("state_conflict"))
  })

  it("notices a file that changed or vanished since the plan", async () => {
    using folder = temporaryFolder()
    folder.write("d/1.jpg", "x")
    const tarPath = folder.write("s.tar", plainTar({ "1.jpg": "x" }))
    const { root, shards } = await plan(folder.path)
    folder.write("d/1.jpg", "changed")
    utimesSync(tarPath, 1, 1)
    const changed = expect.objectContaining({ name: "DependencyError", code: "source_changed" })
    for (const shard of shards) await expect(readShard(root, shard)).rejects.toThrow(changed)
  })
})
