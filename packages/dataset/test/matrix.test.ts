import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync } from "node:fs"
import { sha256 } from "@nightlight/dev-env/dataset/shards"
import { importRecords, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { nightlight } from "./support/in-process.ts"
import { FOLDERS } from "./support/matrix/folders.ts"
import { CHANGE_NAMES, drawPictures, listedRecords, type Pictures, type Seen } from "./support/matrix/plants.ts"
import { TABLES } from "./support/matrix/tables.ts"
import { TEXTS } from "./support/matrix/texts.ts"

const isInstalled = (tool: string) => spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0
const ALL = [...FOLDERS, ...TABLES, ...TEXTS].map((format, index) => ({
  ...format,
  name: `f${String(index).padStart(2, "0")}`,
}))
const FORMATS = ALL.filter(({ tools = [] }) => tools.every(isInstalled))

let test: TestWorkspace
let pictures: Pictures
let manifest: string
let purged: Awaited<ReturnType<typeof nightlight>>

beforeAll(async () => {
  test = await testWorkspace()
  pictures = await drawPictures(test.pathOf("pictures"))
  await importRecords(test.workspace, await listedRecords())
  for (const format of FORMATS) {
    const folder = test.pathOf("data", format.name)
    mkdirSync(folder, { recursive: true })
    await format.write(folder, pictures)
  }
  cpSync(test.pathOf("data"), test.pathOf("original"), { recursive: true, preserveTimestamps: true })
  await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
  manifest = test.pathOf("drop.ndjson")
  await nightlight(test.root, "manifest", "export", "s-000001", "--out", manifest)
  const purge = ["purge", "s-000001", "--basis", "report 1, a test", "--include-review"]
  purged = await nightlight(test.root, ...purge)
})
afterAll(() => test[Symbol.dispose]())

/** What a removal has to leave: every sample of a clear picture, as it was. */
const kept = (seen: Seen) => [...seen].filter(([key]) => changeOf(key) === undefined)
const changeOf = (key: string) => pictures.all.find((picture) => picture.key === key)?.change

/** Changes of the pictures that are no longer there. */
const removed = (before: Seen, after: Seen) => [...before.keys()].filter((key) => !after.has(key)).map(changeOf)

describe.skip.each(ALL.filter((format) => !FORMATS.includes(format)))("$title, whose tools are missing", () => {
  it("is not tested", () => {})
})

describe.each(FORMATS)("$title", (format) => {
  it.each([
    ["a clean copy", "clean"],
    ["a purge", "data"],
  ])("loses each listed picture, however it was changed, and nothing else: %s", async (_, place) => {
    const before = await format.read(test.pathOf("original", format.name))
    const after = await format.read(test.pathOf(place, format.name))
    expect(before.size).toBe(pictures.all.length)
    expect(removed(before, after)).toEqual(CHANGE_NAMES)
    expect([...after]).toEqual(kept(before))
  })
})

describe.each(FORMATS.filter((format) => format.readBesides !== undefined))("beside $title", (format) => {
  const besides = (place: string) => format.readBesides!(test.pathOf(place, format.name))

  it("the table of a clean copy has the rows of clear pictures alone, as they were", async () => {
    const before = await besides("original")
    expect(before.size).toBe(pictures.all.length)
    expect([...(await besides("clean"))]).toEqual(kept(before))
  })

  it("a purge leaves the table, without the rows that state a listed digest themselves", async () => {
    const isKnown = (key: string) => format.statesDigests === true && changeOf(key) === "exact"
    const before = await besides("original")
    expect([...(await besides("data"))]).toEqual([...before].filter(([key]) => !isKnown(key)))
  })
})

describe.each(FORMATS.filter((format) => format.countsOf !== undefined))("counts of $title", (format) => {
  it("are those of the clean copy", async () => {
    const counts = await format.countsOf!(test.pathOf("clean", format.name))
    expect(new Set(counts)).toEqual(new Set([pictures.all.length - CHANGE_NAMES.length]))
  })
})

describe("the purge of all formats", () => {
  it("names each file that describes removed items once", () => {
    expect(purged.exit).toBe(0)
    const stale = purged.out.split("\n").filter((line) => line.endsWith("describes removed items: make it again"))
    expect(stale.length).toBeGreaterThan(1)
    expect(new Set(stale).size).toBe(stale.length)
  })
})

describe("the removal manifest over all formats", () => {
  it("has the keyed digest of each withheld picture, and of no other", () => {
    const text = readFileSync(manifest, "utf8")
    const named = pictures.all.filter(({ bytes }) => text.includes(test.workspace.keyed.of("item", sha256(bytes))))
    expect(named.map(({ change }) => change)).toEqual(CHANGE_NAMES)
  })
})
