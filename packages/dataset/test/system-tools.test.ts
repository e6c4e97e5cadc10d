import { execFileSync, spawnSync } from "node:child_process"
import { linkSync, mkdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import {
  bytesOf,
  itemsOf,
  outline,
  plan,
  readShard,
  type TemporaryFolder,
  temporaryFolder,
} from "@nightlight/dev-env/dataset/shards"
import { describe, expect, it } from "vitest"
import { allBut, copyDataset } from "./support/copying.ts"

const has = (tool: string) => spawnSync(tool, ["--version"]).status === 0
const LONG = `${"d".repeat(90)}/${"e".repeat(90)}/${"n".repeat(120)}.jpg`

/** A folder of files as a person would pack them. */
function someFiles(): TemporaryFolder {
  const folder = temporaryFolder()
  folder.write("in/1.jpg", "picture")
  folder.write("in/1.txt", "caption")
  folder.write(`in/${LONG}`, "deep")
  folder.write("in/ü ñ.jpg", "umlaut")
  folder.write("in/.hidden", "h")
  return folder
}

/** Its first hundred bytes end in a slash, which is all that a header's name field holds of it. */
const CUT_AT_SLASH = `${"x".repeat(99)}/${"y".repeat(180)}.jpg`

const CONTENTS = {
  "1.jpg": "picture",
  "1.txt": "caption",
  [LONG]: "deep",
  "ü ñ.jpg": "umlaut",
  ".hidden": "h",
}

async function contentsOf(path: string): Promise<Readonly<Record<string, string>>> {
  const { root, shards } = await plan(path)
  const items = itemsOf(await readShard(root, shards[0]!))
  expect(items.filter(({ refused }) => refused !== undefined)).toEqual([])
  return Object.fromEntries(items.map((item) => [item.place.replace(/^\.\//, ""), bytesOf(item).toString()]))
}

describe("archives made by the system's tools", () => {
  it.skipIf(!has("tar")).each(["ustar", "gnu", "oldgnu", "pax"])(
    "reads `tar --format=%s`, plain and gzipped",
    async (format) => {
      using folder = someFiles()
      folder.write(`in/${CUT_AT_SLASH}`, "cut")
      const all = { ...CONTENTS, [CUT_AT_SLASH]: "cut" }
      const files = Object.keys(all).filter((name) => format !== "ustar" || name.length < 200)
      const expected = Object.fromEntries(Object.entries(all).filter(([name]) => files.includes(name)))
      for (const [flag, name] of [
        ["-cf", "s.tar"],
        ["-czf", "s.tgz"],
      ] as const) {
        const path = join(folder.path, name)
        execFileSync("tar", [`--format=${format}`, flag, path, ...files], { cwd: join(folder.path, "in") })
        expect(await contentsOf(path)).toEqual(expected)
      }
    },
  )

  it.skipIf(!has("tar")).each(["gnu", "pax"])("refuses links and sparse files of `tar --format=%s`", async (format) => {
    using folder = someFiles()
    const inside = join(folder.path, "in")
    linkSync(join(inside, "1.jpg"), join(inside, "2.jpg"))
    symlinkSync("1.jpg", join(inside, "3.jpg"))
    execFileSync("truncate", ["-s", "1M", "4.jpg"], { cwd: inside })
    execFileSync("tar", [`--format=${format}`, "-S", "-cf", "../s.tar", "1.jpg", "2.jpg", "3.jpg", "4.jpg", "1.txt"], {
      cwd: inside,
    })
    const { root, shards } = await plan(join(folder.path, "s.tar"))
    const items = itemsOf(await readShard(root, shards[0]!))
    expect(
      Object.fromEntries(items.map(({ place, refused }) => [place.replace(/^.*GNUSparseFile[^/]*\//, ""), refused])),
    ).toEqual({
      "1.jpg": undefined,
      "2.jpg": "name_unsafe",
      "3.jpg": "name_unsafe",
      "4.jpg": "media_unsupported",
      "1.txt": undefined,
    })
  })

  it.skipIf(!has("zip"))("reads `zip -r`, and its copy passes `unzip -t`", async () => {
    using folder = someFiles()
    execFileSync("zip", ["-q", "-r", "../s.zip", "."], { cwd: join(folder.path, "in") })
    expect(await contentsOf(join(folder.path, "s.zip"))).toEqual(CONTENTS)
    const out = join(folder.path, "out")
    await copyDataset(await plan(join(folder.path, "s.zip")), out, allBut("1.txt"))
    execFileSync("unzip", ["-t", "-q", join(out, "s.zip")])
    expect(Object.keys(await contentsOf(join(out, "s.zip"))).sort()).toEqual([".hidden", LONG, "ü ñ.jpg"].sort())
  })

  it.skipIf(!has("zip"))("refuses entries of `zip --encrypt` and of `zip --symlinks`", async () => {
    using folder = someFiles()
    const inside = join(folder.path, "in")
    symlinkSync("1.jpg", join(inside, "3.jpg"))
    execFileSync("zip", ["-q", "--symlinks", "../s.zip", "3.jpg"], { cwd: inside })
    execFileSync("zip", ["-q", "-P", "secret", "../e.zip", "1.jpg"], { cwd: inside })
    const refusals = async (name: string) => {
      const { root, shards } = await plan(join(folder.path, name))
      return itemsOf(await readShard(root, shards[0]!)).map(({ refused }) => refused)
    }
    expect(await refusals("s.zip")).toEqual(["name_unsafe"])
    expect(await refusals("e.zip")).toEqual(["archive_encrypted"])
  })

  it.skipIf(!has("zip"))("reads a zip that was streamed, sizes behind the data", async () => {
    using folder = someFiles()
    const streamed = execFileSync("zip", ["-q", "-r", "-", "1.jpg", "1.txt"], { cwd: join(folder.path, "in") })
    folder.write("s.zip", streamed)
    expect(await contentsOf(join(folder.path, "s.zip"))).toEqual({ "1.jpg": "picture", "1.txt": "caption" })
  })

  it.skipIf(!has("tar"))("writes clean tars that the system's tar reads", async () => {
    using folder = someFiles()
    mkdirSync(join(folder.path, "src"))
    execFileSync("tar", ["--format=pax", "-czf", "../src/s.tar.gz", "--sort=name", "."], {
      cwd: join(folder.path, "in"),
    })
    const out = join(folder.path, "out")
    const source = await plan(join(folder.path, "src"))
    await copyDataset(source, out, allBut("1.txt"))
    const listed = execFileSync("tar", ["-tzf", join(out, "s.tar.gz")], {
      encoding: "utf8",
      env: { LC_ALL: "C.UTF-8" },
    })
    const files = listed.split("\n").filter((name) => name !== "" && !name.endsWith("/"))
    expect(files.sort()).toEqual(
      ["./.hidden", `./${LONG}`, "./\u00fc \u00f1.jpg"].map((name) => expect.stringContaining(name.slice(0, 9))),
    )
    expect(outline(await readShard(out, (await plan(out)).shards[0]!)).flat()).not.toContain("./1.jpg")
  })
})
