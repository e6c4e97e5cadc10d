import { execFileSync, spawnSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { noSignal, plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, scan, type TestWorkspace, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { exportDatacompLists } from "../../src/datacomp/export-lists.ts"
import { duckdb } from "../support/duckdb.ts"
import { nightlight } from "../support/in-process.ts"
import { subsetOf, uidsIn } from "../support/npy.ts"

const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0
const hash = (type: string, text: string) => createHash(type).update(text).digest("hex")
const uidOf = (row: number) => hash("md5", String(row))

/** Rows of a pool as DataComp publishes them; DuckDB writes them. */
const poolOf = (from: number, to: number) => `SELECT md5(i::VARCHAR) AS uid, 'https://h.example/' || i AS url,
  'a caption' AS text, i AS original_width, [[0.1, 0.2]] AS face_bboxes, sha256(i::VARCHAR) AS sha256
  FROM range(${from}, ${to}) t(i)`

const KNOWN = "words that a list knows"
const LISTED = [7, 123, 450]
const rowsBut = (rows: readonly number[], count = 500) =>
  Array.from({ length: count }, (_, row) => row).filter((row) => !rows.includes(row))
const sorted = (rows: readonly number[]) => rows.map(uidOf).toSorted()

let test: TestWorkspace
beforeAll(async () => {
  test = await testWorkspace()
  mkdirSync(test.pathOf("pool"))
  await duckdb(
    `COPY (${poolOf(0, 200)}) TO '${test.pathOf("pool", "0a.parquet")}' (FORMAT parquet)`,
    `COPY (${poolOf(200, 500)}) TO '${test.pathOf("pool", "0b.parquet")}'
      (FORMAT parquet, ROW_GROUP_SIZE 100, PARQUET_VERSION v2, KV_METADATA {made: 'here'})`,
  )
  await importRecords(
    test.workspace,
    [...LISTED.map(String), KNOWN].map((text) => ({ hashType: "sha256", hash: hash("sha256", text), category: "A1" })),
  )
  await scan(test.workspace, { inputs: [test.pathOf("pool")], out: test.pathOf("clean"), columnRows: 300 })
})
afterAll(() => test[Symbol.dispose]())

const run = (...args: readonly string[]) => nightlight(test.root, "manifest", "datacomp", ...args)
const removedList = () => `${test.workspace.layout.scans}/s-000001/datacomp/removed.npy`

describe("the lists of a DataComp pool", () => {
  it("have the uid of each row: of those that stay where the user says, of withheld ones in the workspace", async () => {
    const keep = test.pathOf("keep.npy")
    const { exit, out } = await run("--keep", keep, "--json")
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toEqual({
      scan: "s-000001",
      kept: 497,
      removed: 3,
      repeated: 0,
      removedList: removedList(),
      unreadTables: 0,
    })
    expect(uidsIn(keep)).toEqual(sorted(rowsBut(LISTED)))
    expect(uidsIn(removedList())).toEqual(sorted(LISTED))
    expect(statSync(removedList()).mode & 0o777).toBe(0o600)
    expect(statSync(keep).mode & 0o777).toBe(0o644)
    expect(readdirSync(`${test.workspace.layout.scans}/s-000001/datacomp`).toSorted()).toEqual(["lock", "removed.npy"])
  })

  it("are the same bytes each time, whatever a killed process left and however little is sorted in memory", async () => {
    const [one, two] = [test.pathOf("one.npy"), test.pathOf("two.npy")]
    await run("--keep", one)
    const removed = readFileSync(removedList())
    const parts = `${test.workspace.layout.scans}/s-000001/datacomp/parts`
    mkdirSync(parts)
    writeFileSync(`${parts}/kept-0`, "what was killed")
    await exportDatacompLists(test.workspace, { keep: two, partUids: 16 }, {}, noSignal)
    expect(readFileSync(two).equals(readFileSync(one))).toBe(true)
    expect(readFileSync(removedList()).equals(removed)).toBe(true)
  })

  it("have of a subset the uids that stay, as often as it has them, and say what became of the others", async () => {
    const subset = test.pathOf("subset.npy")
    const chosen = [...[450, 9, 9, 7, 8].map(uidOf), "ff".repeat(16)]
    writeFileSync(subset, subsetOf(chosen))
    const keep = test.pathOf("keep-subset.npy")
    const { exit, out } = await run("s-000001", "--keep", keep, "--subset", subset, "--json")
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ kept: 3, removed: 3, subset: { ids: 6, removed: 2, unscreened: 1 } })
    expect(uidsIn(keep)).toEqual(sorted([8, 9, 9]))
    expect(uidsIn(removedList())).toEqual(sorted(LISTED))
  })

  it("may lie beside the parts of the workspace, in which one often works", async () => {
    const place = test.pathOf("workspace", "keep.npy")
    expect(await run("--keep", place)).toMatchObject({ exit: 0 })
    expect(uidsIn(place)).toEqual(sorted(rowsBut(LISTED)))
    rmSync(place)
  })

  it("are not written into the dataset, its clean copy or a part of the workspace, nor over the subset or what is no file", async () => {
    symlinkSync(test.pathOf("pool"), test.pathOf("link"))
    const parts = ["keys", "lists", "scans/s-000001", "audit"].map((part) => join("workspace", part))
    for (const folder of ["pool", "clean", "link", ...parts]) {
      const place = test.pathOf(folder, "keep.npy")
      expect(await run("--keep", place)).toMatchObject({ exit: 2, err: expect.stringContaining("output_conflict") })
    }
    const policy = test.pathOf("workspace", "policy.yaml")
    expect(await run("--keep", policy)).toMatchObject({ exit: 2, err: expect.stringContaining("ends in .npy") })
    const subset = test.pathOf("subset.npy")
    expect(await run("--keep", subset, "--subset", subset)).toMatchObject({ exit: 2 })
    const before = readFileSync(subset)
    symlinkSync(test.pathOf(), test.pathOf("again"))
    expect(await run("--keep", test.pathOf("again", "subset.npy"), "--subset", subset)).toMatchObject({ exit: 2 })
    expect(readFileSync(subset).equals(before)).toBe(true)
    expect(await run("--keep", test.pathOf("nowhere", "keep.npy"))).toMatchObject({ exit: 2 })
    expect(await run("--keep", test.pathOf("pool", "..", "workspace"))).toMatchObject({ exit: 2 })
    expect(await run("--keep", "/dev/null")).toMatchObject({
      exit: 2,
      err: expect.stringContaining("not a plain file"),
    })
  })

  it.skipIf(!hasNumpy)(
    "are loaded by NumPy, which saves the same bytes, and a subset that NumPy saved is read",
    async () => {
      const [keep, again, subset] = [test.pathOf("keep.npy"), test.pathOf("again.npy"), test.pathOf("numpy-subset.npy")]
      await run("--keep", keep)
      const script = `
import sys, numpy as np
keep, again, subset = sys.argv[1:4]
uids = np.load(keep, mmap_mode="r")
assert uids.dtype == np.dtype("u8,u8") and uids.shape == (497,)
assert (np.sort(uids) == uids).all()
uid = np.array([divmod(int(sys.argv[4], 16), 2**64)], np.dtype("u8,u8"))[0]
assert np.searchsorted(uids, uid, "right") - np.searchsorted(uids, uid, "left") == 1
with open(again, "wb") as file: np.save(file, np.array(uids))
np.save(subset, uids[:10])`
      execFileSync("python3", ["-c", script, keep, again, subset, uidOf(8)])
      expect(readFileSync(again).equals(readFileSync(keep))).toBe(true)
      const from = test.pathOf("from-numpy.npy")
      expect(await run("--keep", from, "--subset", subset)).toMatchObject({ exit: 0 })
      expect(readFileSync(from).equals(readFileSync(subset))).toBe(true)
    },
  )

  it("are refused once the dataset is not as it was screened", async () => {
    const pool = test.pathOf("pool", "0c.parquet")
    await duckdb(`COPY (${poolOf(500, 600)}) TO '${pool}' (FORMAT parquet)`)
    const refused = await run("--keep", test.pathOf("late.npy"))
    rmSync(pool)
    expect(refused).toMatchObject({ exit: 10, err: expect.stringContaining("source_changed") })
    expect(existsSync(test.pathOf("late.npy"))).toBe(false)
  })
})

/** Scans a dataset of its own, and exports its lists. */
async function listsOf(write: (folder: string) => Promise<void>) {
  const folder = test.pathOf(`dataset-${datasets++}`)
  mkdirSync(folder)
  await write(folder)
  const { report } = await scan(test.workspace, { inputs: [folder], columnRows: 1 })
  const keep = `${folder}.npy`
  const result = await run(report.scan, "--keep", keep, "--json")
  return { ...result, keep }
}
let datasets = 0

describe("a pool with downloads", () => {
  const sampleOf = (row: number, text: string) => ({
    [`${row}.json`]: JSON.stringify({ uid: uidOf(row), key: String(row) }),
    [`${row}.txt`]: text,
  })

  it("loses the uid of a withheld download, although its row in the pool's table is clear", async () => {
    const { exit, out, keep } = await listsOf(async (folder) => {
      await duckdb(`COPY (${poolOf(0, 20)}) TO '${folder}/pool.parquet' (FORMAT parquet)`)
      // A subset beside the pool: its elements are none that a scan reads.
      writeFileSync(`${folder}/baseline.npy`, subsetOf([3, 4].map(uidOf)))
      writeFileSync(
        `${folder}/00000000.tar`,
        plainTar({ ...sampleOf(3, "words"), ...sampleOf(4, KNOWN), ...sampleOf(5, "more") }),
      )
    })
    expect(exit).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ kept: 18, removed: 2, repeated: 1 })
    expect(uidsIn(keep)).toEqual(sorted(rowsBut([4, 7], 20)))
  })

  it("has no list where a withheld download states no uid, or downloads were set aside", async () => {
    const pool = (folder: string) => duckdb(`COPY (${poolOf(0, 3)}) TO '${folder}/pool.parquet' (FORMAT parquet)`)
    const withoutUid = await listsOf(async (folder) => {
      await pool(folder)
      writeFileSync(`${folder}/00000000.tar`, plainTar({ "1.txt": KNOWN, "1.json": "{}" }))
    })
    const setAside = await listsOf(async (folder) => {
      await pool(folder)
      const tar = plainTar(sampleOf(2, "words"))
      writeFileSync(`${folder}/00000000.tar`, tar.subarray(0, 700))
    })
    for (const { exit, err } of [withoutUid, setAside]) {
      expect([exit, err]).toEqual([2, expect.stringContaining("state_conflict")])
    }
    expect(withoutUid.err).toContain("states no uid")
    expect(setAside.err).toContain("set aside")
  })
})

describe("an unusual pool", () => {
  it("keeps a repeated uid only if no row with it was withheld, and no row of a table that cannot be read", async () => {
    const { exit, out, keep } = await listsOf(async (folder) => {
      await duckdb(
        `COPY (SELECT md5((i % 4)::VARCHAR) AS uid, sha256((i + 4)::VARCHAR) AS sha256 FROM range(8) t(i))
          TO '${folder}/a.parquet' (FORMAT parquet)`,
        `COPY (${poolOf(5, 10)}) TO '${folder}/b.parquet' (FORMAT parquet)`,
      )
      const bytes = readFileSync(`${folder}/b.parquet`)
      writeFileSync(`${folder}/b.parquet`, bytes.fill(0, 4, 200))
    })
    // Row 3 has the listed digest of row 7 of the first pool, and row 7 the same uid.
    expect([exit, JSON.parse(out)]).toEqual([
      42,
      expect.objectContaining({ kept: 3, removed: 1, repeated: 4, unreadTables: 1 }),
    ])
    expect(uidsIn(keep)).toEqual(sorted([0, 1, 2]))
  })

  it("has no list where no table has a column of uids", async () => {
    const { exit, err } = await listsOf(async (folder) => {
      await duckdb(`COPY (SELECT sha256('a') AS sha256, 17 AS uid) TO '${folder}/pool.parquet' (FORMAT parquet)`)
    })
    expect([exit, err]).toEqual([2, expect.stringContaining("no table of this scan has a column uid")])
  })
})

describe("a scan whose rows were not all looked at", () => {
  it("has no lists", async () => {
    using other = await testWorkspace()
    mkdirSync(other.pathOf("pool"))
    await duckdb(`COPY (${poolOf(0, 20)}) TO '${other.pathOf("pool", "a.parquet")}' (FORMAT parquet)`)
    const lists = () => nightlight(other.root, "manifest", "datacomp", "--keep", other.pathOf("keep.npy"))
    expect(await lists()).toMatchObject({ exit: 2, err: expect.stringContaining("nothing was scanned yet") })
    await scan(other.workspace, { inputs: [other.pathOf("pool")] })
    expect(await lists()).toMatchObject({ exit: 2, err: expect.stringContaining("no real list") })
    expect(existsSync(other.pathOf("keep.npy"))).toBe(false)
  })
})
