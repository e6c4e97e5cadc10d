import { mkdirSync, realpathSync } from "node:fs"
import { join, relative } from "node:path"
import { temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { openOutputFolder } from "../src/output/folder.ts"

describe("an output folder", () => {
  it("names every folder to sync so that a file in new folders survives a loss of power", () => {
    using folder = temporaryFolder()
    const root = realpathSync(folder.path)
    const output = openOutputFolder(join(root, "new/out"), "shard")
    output.place(Buffer.from("a/b/1.jpg"))
    output.place(Buffer.from("a/b/2.jpg"))
    const names = [...output.changed.values()].map((path) => relative(root, path.toString()))
    expect(names.sort()).toEqual(["", "new", "new/out", "new/out/a", "new/out/a/b"])
  })

  it("names only the file's own folder where that existed before", () => {
    using folder = temporaryFolder()
    const root = realpathSync(folder.path)
    mkdirSync(join(root, "out/a/b"), { recursive: true })
    const output = openOutputFolder(join(root, "out"), "shard")
    output.place(Buffer.from("a/b/1.jpg"))
    output.place(Buffer.from("2.jpg"))
    expect([...output.changed.values()].map((path) => relative(root, path.toString()))).toEqual(["out/a/b", "out"])
  })
})
