import { hash as digestText } from "node:crypto"
import { readFileSync } from "node:fs"
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib"
import { addressHash, urlEntryKey } from "@nightlight/core"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { digestRecord, jpeg, listOf } from "@nightlight/dev-env/dataset/pictures"
import { importRecords, scan, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { expect, it } from "vitest"
import { BASIS, purge } from "./support/purges.ts"

const LISTED = 961
const { hash } = digestRecord(await jpeg(LISTED), "md5")

async function scanned(name: string, bytes: Buffer): Promise<Buffer> {
  using test = await testWorkspace()
  await importRecords(test.workspace, [...(await listOf(LISTED)), digestRecord(await jpeg(LISTED), "md5")])
  writeFiles(test.pathOf("data"), { [name]: bytes })
  await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
  return readFileSync(test.pathOf("clean", name))
}

const identity = (bytes: Buffer) => bytes

it.each([
  ["list.csv", ",", identity, identity],
  ["list.tsv", "\t", identity, identity],
  ["semicolons.csv", ";", identity, identity],
  ["list.csv.gz", ",", gzipSync, gunzipSync],
  ["list.tsv.zst", "\t", zstdCompressSync, zstdDecompressSync],
])(
  "withholds the rows of %s that state a listed digest and keeps every other byte",
  async (name, mark, pack, unpack) => {
    const head = `\ufeffcaption${mark}url${mark}md5\r\n`
    const first = `"a ""quoted""\r\ncaption${mark}"${mark}https://pictures.example/1.jpg${mark}${"0".repeat(32)}\r\n`
    const bad = `"another\r\ncaption"${mark}https://pictures.example/2.jpg${mark}${hash}\r\n`
    const last = `\r\nragged${mark}https://pictures.example/3.jpg\r\nnumbers${mark}${mark}1${mark}2`
    const clean = unpack(await scanned(name, pack(Buffer.from(head + first + bad + last)))).toString()
    expect(clean).toBe(head + first + last)
  },
)

it("looks up the digests of a table without a row of names", async () => {
  const [one, bad, two] = [`a,${"1".repeat(32)}\n`, `b,${hash}\n`, `c,https://pictures.example/1.jpg\n`]
  expect((await scanned("list.csv", Buffer.from(one + bad + two))).toString()).toBe(one + two)
  expect((await scanned("list.csv", Buffer.from(bad + one + two))).toString()).toBe(one + two)
})

it("withholds a row that carries a listed picture", async () => {
  const picture = `data:image/jpeg;base64,${Buffer.from(await jpeg(LISTED)).toString("base64")}`
  const clean = await scanned("list.csv", Buffer.from(`name,image\na,none\nb,"${picture}"\nc,none\n`))
  expect(clean.toString()).toBe("name,image\na,none\nc,none\n")
})

it("never clears what a quote that is not closed takes in", async () => {
  const clean = await scanned("list.csv", Buffer.from(`name,url\na,b\nc,"open\nd,e\n`))
  expect(clean.toString()).toBe("name,url\na,b\n")
})

it("purges the rows of a source that carry a listed picture, and no other byte", async () => {
  using test = await testWorkspace()
  await importRecords(test.workspace, await listOf(LISTED))
  const picture = `data:image/jpeg;base64,${Buffer.from(await jpeg(LISTED)).toString("base64")}`
  const [head, bad, last] = ["name,image\r\n", `"a\n1","${picture}"\r\n`, `"b\n2",none`]
  writeFiles(test.pathOf("data"), { "list.csv": Buffer.from(head + bad + last) })
  await scan(test.workspace, { inputs: [test.pathOf("data")] })
  await purge(test, { basis: BASIS })
  expect(readFileSync(test.pathOf("data", "list.csv"), "utf8")).toBe(head + last)
})

it("withholds the rows that state a listed address", async () => {
  using test = await testWorkspace()
  const url = "https://pictures.example/listed.jpg"
  const key = urlEntryKey(url) ?? ""
  // With a list of addresses alone, files would stay unscreened.
  await importRecords(test.workspace, [
    ...(await listOf(LISTED)),
    { hashType: "url", hash: addressHash(key, digestText("sha256", key)), category: "test" },
  ])
  const [head, bad, last] = ["caption,url\n", `a,${url}\n`, "b,https://pictures.example/other.jpg\n"]
  writeFiles(test.pathOf("data"), { "list.csv": Buffer.from(head + bad + last) })
  await scan(test.workspace, { inputs: [test.pathOf("data")], out: test.pathOf("clean") })
  expect(readFileSync(test.pathOf("clean", "list.csv"), "utf8")).toBe(head + last)
})
