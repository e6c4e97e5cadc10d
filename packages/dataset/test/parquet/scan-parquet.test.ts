import { createHash } from "node:crypto"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { digestRecord, jpeg } from "@nightlight/dev-env/dataset/pictures"
import { plainTar } from "@nightlight/dev-env/dataset/shards"
import { importRecords, testWorkspace } from "@nightlight/dev-env/dataset/workspaces"
import { describe, expect, it } from "vitest"
import { blob, duckdb } from "../support/duckdb.ts"
import { nightlight } from "../support/in-process.ts"
import { findingsOf } from "../support/scans.ts"

/** Writes pictures as Hugging Face stores them. */
async function writePictures(path: string, pictures: readonly Uint8Array[], options: string): Promise<void> {
  const rows = pictures.map((bytes, index) => `({'bytes': ${blob(bytes)}, 'path': '${index}.jpg'}, ${index % 7})`)
  await duckdb(
    `CREATE TABLE t (image STRUCT("bytes" BLOB, path VARCHAR), label BIGINT)`,
    `INSERT INTO t VALUES ${rows.join(",")}`,
    `COPY t TO '${path}' (FORMAT parquet, ${options})`,
  )
}

const read = (path: string) => duckdb(`SELECT md5(image.bytes) AS digest, image.path AS path, label FROM '${path}'`)

describe("a scan of Parquet files", () => {
  it("finds a picture in a file of Hugging Face's form, and writes the file without its row", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const pictures = await Promise.all(Array.from({ length: 200 }, (_, seed) => jpeg(seed % 20)))
    const planted = await jpeg(500)
    pictures[137] = planted
    const path = test.pathOf("data", "train-00000-of-00001.parquet")
    await writePictures(path, pictures, "COMPRESSION snappy, ROW_GROUP_SIZE 64")
    await importRecords(test.workspace, [digestRecord(planted, "sha256")])
    const { exit } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(exit).toBe(0)
    expect(findingsOf(test.workspace)).toHaveLength(1)
    const before = await read(path)
    const after = await read(test.pathOf("clean", "train-00000-of-00001.parquet"))
    expect(after).toEqual(before.filter((row) => row["path"] !== "137.jpg"))
  })

  it("finds a picture by the digest of the raw download that its row states, in text or as bytes", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const raw = await jpeg(501)
    const [hex] = [createHash("sha256").update(raw).digest("hex")]
    const stored = [await jpeg(1), await jpeg(2), await jpeg(3)]
    await duckdb(
      `COPY (SELECT * FROM (VALUES (${blob(stored[0]!)}, 'https://one.example/', repeat('0', 64)),
        (${blob(stored[1]!)}, 'https://two.example/', '${hex.toUpperCase()}'))
        t(jpg, url, sha256)) TO '${test.pathOf("data", "text.parquet")}' (FORMAT parquet)`,
      `COPY (SELECT ${blob(stored[2]!)} AS jpg, ${blob(Buffer.from(hex, "hex"))} AS sha256)
        TO '${test.pathOf("data", "bytes.parquet")}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(raw, "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    expect(findingsOf(test.workspace).toSorted((a, b) => a.ordinal - b.ordinal)).toMatchObject([
      { ordinal: 0, kind: "picture", matches: [{ hashType: "sha256" }] },
      { ordinal: 2, kind: "picture", matches: [{ hashType: "sha256" }] },
    ])
    const left = await duckdb(`SELECT url FROM '${test.pathOf("clean", "text.parquet")}'`)
    expect(left).toEqual([{ url: "https://one.example/" }])
    expect(await duckdb(`SELECT * FROM '${test.pathOf("clean", "bytes.parquet")}'`)).toEqual([])
  })

  it("finds pictures in lists, in archives inside cells and in text, and names none of them", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const planted = await jpeg(502)
    const other = await jpeg(4)
    const archive = plainTar({ "x.jpg": planted })
    const path = test.pathOf("data", "nested.parquet")
    await duckdb(
      `CREATE TABLE t (n INTEGER, images STRUCT("bytes" BLOB, path VARCHAR)[], packed BLOB, chat VARCHAR)`,
      `INSERT INTO t VALUES (0, [{'bytes': ${blob(other)}, 'path': NULL}], NULL, NULL),
        (1, [NULL, {'bytes': ${blob(planted)}, 'path': NULL}], NULL, NULL), (2, [], ${blob(archive)}, NULL),
        (3, NULL, NULL, 'see data:image/jpeg;base64,${Buffer.from(planted).toString("base64")}'),
        (4, [{'bytes': NULL, 'path': 'elsewhere.jpg'}], NULL, NULL), (5, NULL, NULL, 'clear')`,
      `COPY t TO '${path}' (FORMAT parquet)`,
    )
    await importRecords(test.workspace, [digestRecord(planted, "sha256")])
    const { out, err } = await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    const left = await duckdb(`SELECT n FROM '${test.pathOf("clean", "nested.parquet")}'`)
    expect(left).toEqual([{ n: 0 }, { n: 5 }])
    expect(findingsOf(test.workspace).map(({ sample, cause }) => ({ sample, cause }))).toContainEqual({
      sample: 4,
      cause: "source_unreadable",
    })
    expect(out + err).not.toMatch(/images|elsewhere/)
  })

  it("writes the README with the counts that the copy has", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data", "data"), { recursive: true })
    const pictures = await Promise.all([1, 2, 504].map(jpeg))
    await writePictures(test.pathOf("data", "data", "train-00000-of-00001.parquet"), pictures, "COMPRESSION zstd")
    const info = "dataset_info:\n  splits:\n  - name: train\n    num_bytes: 7\n    num_examples: 3\n"
    writeFileSync(test.pathOf("data", "README.md"), `---\n${info}---\nPictures of shapes.\n`)
    await importRecords(test.workspace, [digestRecord(pictures[2]!, "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"), "--out", test.pathOf("clean"))
    const readme = readFileSync(test.pathOf("clean", "README.md"), "utf8")
    expect(readme).toBe(
      "---\ndataset_info:\n  splits:\n  - name: train\n    num_bytes: 4\n    num_examples: 2\n---\nPictures of shapes.\n",
    )
  })

  it("is followed by a purge that removes the rows of known items alone", async () => {
    using test = await testWorkspace()
    mkdirSync(test.pathOf("data"))
    const pictures = await Promise.all([1, 2, 503, 3].map(jpeg))
    const path = test.pathOf("data", "train.parquet")
    await writePictures(path, pictures, "COMPRESSION zstd")
    const before = await read(path)
    await importRecords(test.workspace, [digestRecord(pictures[2]!, "sha256")])
    await nightlight(test.root, "scan", test.pathOf("data"))
    const { exit } = await nightlight(test.root, "purge", "s-000001", "--basis", "report 1, a test")
    expect(exit).toBe(0)
    expect(await read(path)).toEqual(before.filter((row) => row["path"] !== "2.jpg"))
  })
})
