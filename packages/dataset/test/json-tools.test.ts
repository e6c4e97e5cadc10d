import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { bytesOf, itemsOf, plan, readShard } from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { copyShard, datasetOf } from "./support/copying.ts"

const has = (tool: string) => spawnSync(tool, ["--version"]).status === 0

/** Writes rows as Python does: with `NaN`, escapes and no line end behind the last. */
const PYTHON_WRITER = `
import gzip, json, sys
rows = [{"id": i, "text": "caf\\u00e9 " + chr(128512) + " / " + str(i * 7919 * 104729) + "x" * (i % 90), "score": float("nan")} for i in range(1000)]
folder = sys.argv[1]
with gzip.open(folder + "/c4.json.gz", "wt") as out: out.write("\\n".join(map(json.dumps, rows)))
with open(folder + "/plain.jsonl", "w") as out: out.writelines(json.dumps(row, ensure_ascii=False) + "\\n" for row in rows)
with open(folder + "/array.json", "w") as out: json.dump(rows, out, indent=2)
`
const PYTHON_READER = `
import gzip, json, sys
folder = sys.argv[1]
rows = [json.loads(line) for line in gzip.open(folder + "/c4.json.gz", "rt")]
assert [row["id"] for row in rows] == [i for i in range(1000) if i != 7], "c4"
assert [json.loads(line)["id"] for line in open(folder + "/plain.jsonl")] == [row["id"] for row in rows], "plain"
assert [row["id"] for row in json.load(open(folder + "/array.json"))] == [row["id"] for row in rows], "array"
`

describe("files of JSON records by other tools", () => {
  it.skipIf(!has("python3"))("are read as Python writes them, and Python reads what is left of them", async () => {
    using made = await datasetOf({ "readme.txt": "text" })
    const data = join(made.folder.path, "in")
    execFileSync("python3", ["-c", PYTHON_WRITER, data])
    const { root, shards } = await plan(data)
    expect(shards.map(({ kind }) => kind)).toEqual(["jsonl", "jsonl", "jsonl", "files"])
    for (const shard of shards.slice(0, 3)) {
      const items = itemsOf(await readShard(root, shard))
      expect(items.length).toBe(1000)
      expect(items.filter(({ refused }) => refused !== undefined)).toEqual([])
      await copyShard(root, shard, made.out, { isClear: ({ sample }) => sample !== 7 })
    }
    expect(() => execFileSync("python3", ["-c", PYTHON_READER, made.out])).not.toThrow()
  })

  it.skipIf(!has("zstd"))(
    "are read as zstd writes them, in several frames too, and zstd reads what is left",
    async () => {
      using made = await datasetOf({ "readme.txt": "text" })
      const text = Array.from({ length: 3_000 }, (_, id) => `{"id":${id},"text":"words ${id * 7919}"}\n`)
      const at = (name: string) => join(made.folder.path, "in", name)
      made.folder.write("in/a.jsonl", text.join(""))
      made.folder.write("first", text.slice(0, 1_000).join(""))
      execFileSync("zstd", ["-q", "-T2", "-19", "--long=24", at("a.jsonl"), "-o", at("b.jsonl.zst")])
      execFileSync("bash", [
        "-c",
        `(zstd -qc "$1/first"; tail -n +1001 "$2" | zstd -qc --no-check) > "$3"`,
        "-",
        made.folder.path,
        at("a.jsonl"),
        at("c.jsonl.zst"),
      ])
      const { root, shards } = await plan(join(made.folder.path, "in"))
      for (const shard of shards.filter(({ kind }) => kind === "jsonl")) {
        const items = itemsOf(await readShard(root, shard))
        expect(items).toHaveLength(3_000)
        expect(bytesOf(items[2_999]!).toString()).toBe(text[2_999]!.trim())
        await copyShard(root, shard, made.out)
        expect(readFileSync(join(made.out, shard.path))).toEqual(readFileSync(at(shard.path)))
        await copyShard(root, shard, made.out, { isClear: ({ sample }) => sample !== 7 })
        const left = shard.path.endsWith(".zst")
          ? execFileSync("zstd", ["-dqc", join(made.out, shard.path)], { maxBuffer: 1e8 })
          : readFileSync(join(made.out, shard.path))
        expect(left.toString()).toBe(text.filter((_, id) => id !== 7).join(""))
      }
    },
  )
})
