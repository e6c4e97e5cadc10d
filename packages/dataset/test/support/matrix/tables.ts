/**
 * Parquet as Hugging Face and img2dataset lay it out, written and read by DuckDB.
 */
import { cpSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { sha256 } from "@nightlight/dev-env/dataset/shards"
import { duckdb } from "../duckdb.ts"
import { pack, seenFiles, textOf, unpacked, writeSamples } from "./folders.ts"
import type { MatrixFormat } from "./format.ts"
import { type Pictures, type Seen, toSeen } from "./plants.ts"

/** Pictures as a table `(name, key, content)`. */
const picturesOf = ({ folder }: Pictures) =>
  `(SELECT parse_filename(filename) AS name, parse_filename(filename, true) AS key, content
    FROM read_blob('${folder}/*') ORDER BY filename)`

async function rowsOf(path: string): Promise<Seen> {
  const rows = await duckdb(`SELECT * FROM '${path}'`)
  return toSeen(rows.map((row) => [String(row["key"]), JSON.stringify(row)]))
}

function parquet(title: string, columns: string, options: string): MatrixFormat {
  const path = (folder: string) => join(folder, "data", "train-00000-of-00001.parquet")
  return {
    title: `Parquet, ${title}`,
    async write(folder, pictures) {
      writeFiles(folder, { "README.md": readme(pictures.all.length), "data/LICENSE": "CC0" })
      await duckdb(`COPY (SELECT ${columns}, key FROM ${picturesOf(pictures)}) TO '${path(folder)}'
        (FORMAT parquet, ${options})`)
    },
    read: async (folder) => await rowsOf(path(folder)),
    countsOf: async (folder) => [Number(/num_examples: (\d+)/.exec(textOf(folder, "README.md"))?.[1])],
  }
}

/** The table of an img2dataset shard: the digest is that of the download, which is stored as it came. */
async function writeTable(path: string, { all }: Pictures, content = ""): Promise<void> {
  const rows = all.map(
    ({ key, name, bytes }) => `('${key}', 'https://pictures.example/${name}', 'success', '${sha256(bytes)}')`,
  )
  await duckdb(`COPY (SELECT t.*${content === "" ? "" : ", content AS jpg"}
    FROM (VALUES ${rows.join(",")}) t(key, url, status, sha256) ${content} ORDER BY key) TO '${path}' (FORMAT parquet)`)
}

function writeStats(folder: string, { all }: Pictures): void {
  const count = all.length
  writeFiles(folder, { "00000_stats.json": JSON.stringify({ count, successes: count, failed_to_download: 0 }) })
}

/** What the front matter of a Hugging Face dataset says of its only split. */
const readme = (rows: number) =>
  `---\ndataset_info:\n  splits:\n  - name: train\n    num_bytes: 7\n    num_examples: ${rows}\n---\nShapes.\n`

const countsOf = async (folder: string) => {
  const { count, successes } = JSON.parse(textOf(folder, "00000_stats.json")) as Readonly<Record<string, number>>
  return [count, successes]
}

/** Rows of the matrix. */
export const TABLES: readonly MatrixFormat[] = [
  parquet(
    "Hugging Face's image struct",
    `{'bytes': content, 'path': name} AS image, octet_length(content) AS size`,
    "COMPRESSION snappy, ROW_GROUP_SIZE 2048",
  ),
  parquet(
    "lists of images",
    `[{'bytes': content, 'path': name}, NULL] AS images, [[1, 2], NULL, []] AS numbers`,
    "COMPRESSION zstd",
  ),
  parquet("raw binary", `content, TIMESTAMP '2026-12-01' AS taken, 1.5::DECIMAL(9, 2) AS score`, "COMPRESSION gzip"),
  parquet("base64 text", `'data:image/jpeg;base64,' || base64(content) AS url_of_picture`, "PARQUET_VERSION v2"),
  {
    title: "img2dataset in tars",
    async write(folder, pictures) {
      writeSamples(join(folder, "in"), pictures)
      pack("tar", ["-cf", join(folder, "00000.tar")], join(folder, "in"))
      writeStats(folder, pictures)
      await writeTable(join(folder, "00000.parquet"), pictures)
    },
    read: async (folder) => unpacked("tar", ["-xf", join(folder, "00000.tar")]),
    readBesides: async (folder) => await rowsOf(join(folder, "00000.parquet")),
    statesDigests: true,
    countsOf,
  },
  {
    title: "img2dataset in files",
    async write(folder, pictures) {
      cpSync(pictures.folder, join(folder, "00000"), { recursive: true })
      await writeTable(join(folder, "00000.parquet"), pictures)
    },
    read: async (folder) => seenFiles(folder),
    readBesides: async (folder) => await rowsOf(join(folder, "00000.parquet")),
    statesDigests: true,
  },
  {
    title: "img2dataset in Parquet",
    async write(folder, pictures) {
      await writeTable(join(folder, "00000.parquet"), pictures, `JOIN ${picturesOf(pictures)} USING (key)`)
      writeStats(folder, pictures)
    },
    read: async (folder) => await rowsOf(join(folder, "00000.parquet")),
    countsOf,
  },
]
