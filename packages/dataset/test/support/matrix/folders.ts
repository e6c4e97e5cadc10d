/**
 * Folders of pictures and archives of them, by the system's tools.
 */
import { execFileSync } from "node:child_process"
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { writeFiles } from "@nightlight/dev-env/dataset/datasets"
import { filesBelow, temporaryFolder } from "@nightlight/dev-env/dataset/shards"
import { duckdb } from "../duckdb.ts"
import type { MatrixFormat } from "./format.ts"
import { type Pictures, type Seen, toSeen } from "./plants.ts"

const isTable = (name: string) => /metadata\.|\.parquet$|_stats\.json$/.test(name)

/** Files of a folder without its tables. */
export function seenFiles(folder: string): Seen {
  return toSeen(Object.entries(filesBelow(folder)).filter(([name]) => !isTable(name)))
}

function copyPictures(folder: string, { folder: from }: Pictures): void {
  cpSync(from, join(folder, "train"), { recursive: true })
}

/** A table of an image folder, by DuckDB. */
function imagefolder(ending: string, format: string): MatrixFormat {
  const table = (folder: string) => join(folder, "train", `metadata.${ending}`)
  return {
    title: `imagefolder with metadata.${ending}`,
    async write(folder, pictures) {
      copyPictures(folder, pictures)
      const rows = pictures.all.map(({ name, key }) => `('${name}', 'Generated shapes, "${key}"')`)
      await duckdb(
        `COPY (SELECT * FROM (VALUES ${rows.join(",")}) t(file_name, text)) TO '${table(folder)}' (FORMAT ${format})`,
      )
    },
    read: async (folder) => seenFiles(folder),
    async readBesides(folder) {
      const rows = await duckdb(`SELECT * FROM '${table(folder)}'`)
      return toSeen(rows.map((row) => [String(row["file_name"]), JSON.stringify(row)]))
    },
  }
}

/** Each picture with a caption and metadata, as WebDataset packs them. */
export function writeSamples(folder: string, { all }: Pictures): void {
  for (const { key, name, bytes } of all) {
    const metadata = JSON.stringify({ key, url: `https://pictures.example/${name}` })
    writeFiles(folder, { [name]: bytes, [`${key}.json`]: metadata, [`${key}.txt`]: `Generated shapes, ${key}` })
  }
}

/** Packs a folder's files, sorted, and removes the folder. */
export function pack(tool: string, args: readonly string[], folder: string): void {
  execFileSync(tool, [...args, ...readdirSync(folder).sort()], { cwd: folder })
  rmSync(folder, { recursive: true })
}

/** Unpacks an archive and gives what is in it. */
export function unpacked(tool: string, args: readonly string[]): Seen {
  using folder = temporaryFolder()
  execFileSync(tool, args, { cwd: folder.path })
  return seenFiles(folder.path)
}

function archive(name: string, make: readonly string[], open: readonly string[], title: string): MatrixFormat {
  const [packer = "", ...packing] = make
  const [opener = "", ...opening] = open
  return {
    title,
    tools: [packer, opener],
    async write(folder, pictures) {
      writeSamples(join(folder, "in"), pictures)
      pack(packer, [...packing, join(folder, name)], join(folder, "in"))
    },
    read: async (folder) => unpacked(opener, [...opening, join(folder, name)]),
  }
}

/** Rows of the matrix. */
export const FOLDERS: readonly MatrixFormat[] = [
  {
    title: "plain files",
    write: async (folder, pictures) => copyPictures(folder, pictures),
    read: async (folder) => seenFiles(folder),
  },
  imagefolder("csv", "csv"),
  imagefolder("jsonl", "json"),
  imagefolder("parquet", "parquet"),
  archive("a.zip", ["zip", "-q"], ["unzip", "-q"], "zip, deflated"),
  archive("a.zip", ["zip", "-q", "-0"], ["unzip", "-q"], "zip, stored"),
  archive("000000.tar", ["tar", "--format=ustar", "-cf"], ["tar", "-xf"], "WebDataset, ustar"),
  archive("000000.tar", ["tar", "--format=pax", "-cf"], ["tar", "-xf"], "WebDataset, pax"),
  archive("000000.tar.gz", ["tar", "-czf"], ["tar", "-xzf"], "WebDataset, gzip"),
  {
    title: "tar of a folder of pictures",
    async write(folder, pictures) {
      execFileSync("tar", ["-cf", join(folder, "pictures.tar"), "."], { cwd: pictures.folder })
    },
    read: async (folder) => unpacked("tar", ["-xf", join(folder, "pictures.tar")]),
  },
]

/** The text of a file. */
export function textOf(...path: readonly string[]): string {
  return readFileSync(join(...path), "utf8")
}
