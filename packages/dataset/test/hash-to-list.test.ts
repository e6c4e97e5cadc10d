import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { jpeg } from "@nightlight/dev-env/dataset/pictures"
import { testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import sharp from "sharp"
import { describe, expect, it } from "vitest"
import { nightlight } from "./support/in-process.ts"

/** Prints the hashes of two pictures and a text, as a list to import. */
async function printed(args: readonly string[], test: Awaited<ReturnType<typeof testWorkspace>>) {
  writeFiles(test.pathOf("known"), { "a.jpg": await jpeg(1), "b.jpg": await jpeg(2), "c.txt": Buffer.from("a text") })
  const files = ["a.jpg", "b.jpg", "c.txt"].map((name) => join(test.pathOf("known"), name))
  const { out } = await nightlight(test.root, "hash", ...args, ...files)
  writeFiles(test.pathOf("lists"), { list: Buffer.from(out) })
  return await nightlight(test.root, "lists", "import", join(test.pathOf("lists"), "list"), "--name", "known", "--json")
}

/** Imports the file `list` under the name `known`. */
const importKnown = ({ root, pathOf }: Awaited<ReturnType<typeof testWorkspace>>) =>
  nightlight(root, "lists", "import", pathOf("lists", "list"), "--name", "known")

describe("the output of nightlight hash, as a list,", () => {
  it.each([[["--json"]], [["--json", "--profile", "ref512nn"]]])(
    "is imported whole with %j, and finds copies that were re-encoded",
    async (args) => {
      using test = await testWorkspace()
      const { exit, out } = await printed(args, test)
      expect(exit).toBe(0)
      expect(JSON.parse(out)).toMatchObject({
        summary: { counts: { md5: 3, sha1: 3, sha256: 3, pdq: 2, url: 0 }, bad: { count: 0 } },
      })
      const copies = [1, 2].map(
        async (seed) =>
          await sharp(await jpeg(seed))
            .jpeg({ quality: 60 })
            .toBuffer(),
      )
      writeFiles(
        test.pathOf("data"),
        Object.fromEntries((await Promise.all(copies)).map((bytes, index) => [`${index}.jpg`, bytes])),
      )
      const scan = await nightlight(test.root, "scan", test.pathOf("data"), "--json")
      expect(JSON.parse(scan.out)).toMatchObject({ decisions: { review: 2, clear: 0 } })
    },
  )

  it("is refused in the form for people", async () => {
    using test = await testWorkspace()
    const { exit, out } = await printed([], test)
    expect(exit).toBe(2)
    expect(JSON.parse(out)).toMatchObject({ error: { code: "list_malformed" } })
  })
})

describe("nightlight lists import", () => {
  it("warns about a list that finds only exact copies", async () => {
    using test = await testWorkspace()
    writeFiles(test.pathOf("lists"), { list: Buffer.from(`md5,category\n${"0".repeat(31)}1,a\n`) })
    const { exit, out } = await importKnown(test)
    expect([exit, out]).toEqual([0, expect.stringContaining("Without PDQ hashes")])
  })

  it("reports how many lines were not read, by reason", async () => {
    using test = await testWorkspace()
    const rows = ["md5,photodna", `${"0".repeat(31)}1,"1,2"`, `${"0".repeat(31)}2,"3,4"`, "x,"]
    writeFiles(test.pathOf("lists"), { list: Buffer.from(rows.join("\n")) })
    const { exit, out } = await importKnown(test)
    expect([exit, out]).toEqual([
      0,
      expect.stringContaining("3 hashes or lines not read, 2 type_unsupported, 1 hash_malformed"),
    ])
  })
})
