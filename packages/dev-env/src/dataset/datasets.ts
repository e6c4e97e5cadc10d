import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { jpeg } from "./pictures.ts"
import { plainTar, zip } from "./shards.ts"

/** Contents of files by name. */
export type Members = Readonly<Record<string, string | Uint8Array>>

/** A picture with its caption and metadata, as crawlers write them. */
export function sample(key: string, picture: Uint8Array, more: Readonly<Record<string, unknown>> = {}): Members {
  const metadata = { url: `https://pictures.example/${key}.jpg`, license: "CC0-1.0", key, ...more }
  return {
    [`${key}.jpg`]: picture,
    [`${key}.json`]: JSON.stringify(metadata),
    [`${key}.txt`]: `Generated shapes, ${key}`,
  }
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Members): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

/** Seeds of listed pictures in {@link mixedDataset}: one in each kind of shard, besides clear ones. */
export const LISTED = { tar: 901, gzip: 902, zip: 903, folder: 904 } as const

/**
 * Makes a dataset of every kind of shard, with a metadata table that names files of other shards. Returns the members
 * of each.
 */
export async function mixedDataset(folder: string): Promise<Readonly<Record<keyof typeof LISTED, Members>>> {
  const part = async (name: keyof typeof LISTED, seed: number): Promise<Members> => ({
    ...sample(`${name}-a`, await jpeg(seed)),
    ...sample(`${name}-b`, await jpeg(LISTED[name])),
    ...sample(`${name}-c`, await jpeg(seed + 1)),
  })
  const parts = {
    tar: await part("tar", 1),
    gzip: await part("gzip", 3),
    zip: await part("zip", 5),
    folder: await part("folder", 7),
  }
  writeFiles(folder, {
    "000000.tar": plainTar(parts.tar),
    "000001.tar.gz": gzipSync(plainTar(parts.gzip)),
    "more.zip": await zip(Object.entries(parts.zip).map(([name, content]) => ({ name, content }))),
    ...Object.fromEntries(Object.entries(parts.folder).map(([name, content]) => [`loose/${name}`, content])),
    "loose/metadata.csv": "file_name,text\nfolder-a.jpg,one\nfolder-b.jpg,two\nfolder-c.jpg,three\n",
  })
  return parts
}

/** Members without those of the given samples. */
export function without(members: Members, ...keys: readonly string[]): Members {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !keys.some((key) => name.startsWith(`${key}.`))))
}
