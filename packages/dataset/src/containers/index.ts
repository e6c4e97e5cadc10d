/**
 * The dataset formats that can be read and rewritten. A new one is a folder beside this file, and its import and entry here.
 * @module
 */
import { arrow } from "./arrow/container.ts"
import type { Container, FileHead } from "./container.ts"
import { files } from "./files/container.ts"
import { jsonl } from "./jsonl/container.ts"
import { mds } from "./mds/container.ts"
import { parquet } from "./parquet/container.ts"
import { tar } from "./tar/container.ts"
import { warc } from "./warc/container.ts"
import { zip } from "./zip/container.ts"

/** Formats by the name that plans and receipts use, in the order in which a file is offered to them. */
export const CONTAINERS = {
  tar,
  zip,
  mds,
  warc,
  jsonl,
  parquet,
  arrow,
  files,
} satisfies Readonly<Record<string, Container>>

/** How a shard's items are stored. */
export type ShardKind = keyof typeof CONTAINERS

/** The kind of shard that gathers files which are not shards themselves. */
export const PLAIN_FILES: ShardKind = "files"

/** Every format with its name, in the table's order. */
export const containerEntries = Object.entries(CONTAINERS) as readonly (readonly [ShardKind, Container])[]

/** The formats' titles for help and documentation. */
export const datasetFormats: readonly string[] = containerEntries.map(([, { title }]) => title)

/** Returns the kind of shard that a file is by itself, if any. */
export function detectShard(head: FileHead): ShardKind | undefined {
  return containerEntries.find(([, container]) => container.layout === "packed" && container.detect(head))?.[0]
}

/** Whether the samples of a shard name other files of the dataset, by its first bytes. */
export function shardNamesFiles(kind: ShardKind, head: FileHead): boolean {
  const container = containerOf(kind)
  return container.layout === "packed" && container.namesFiles?.(head) === true
}

/** Whether a file of this kind may describe others instead; see `PackedContainer.mayDescribe`. */
export function mayDescribe(kind: ShardKind): boolean {
  const container = containerOf(kind)
  return container.layout === "packed" && container.mayDescribe === true
}

/** A packed shard's name without its ending, and the endings of further files of its format beside it. */
export function shardName(name: string): { readonly stem: string; readonly besides: readonly string[] } {
  const lower = name.toLowerCase()
  const { ending, besides } = ENDINGS.find((candidate) => lower.endsWith(candidate.ending)) ?? UNNAMED
  return { stem: name.slice(0, name.length - ending.length), besides }
}

/** Whether a name ends as a packed shard's does. */
export function hasShardEnding(name: string): boolean {
  const lower = name.toLowerCase()
  return ENDINGS.some(({ ending }) => lower.endsWith(ending))
}

/** A shard without an ending is a tar. */
const UNNAMED = { ending: "", besides: tar.besides ?? [] }

/** Endings of packed shards' names, in lower case, the longest first. */
const ENDINGS = containerEntries
  .flatMap(([, container]) => {
    if (container.layout !== "packed") return []
    const { endings, besides = [] } = container
    return endings.map((ending) => ({ ending, besides }))
  })
  .toSorted((a, b) => b.ending.length - a.ending.length)

/** Returns the container of a kind. */
export function containerOf(kind: ShardKind): Container {
  return CONTAINERS[kind]
}

/** Whether a kind's files are tables whose rows are counted. */
export function hasRows(kind: ShardKind): boolean {
  const container = containerOf(kind)
  return container.layout === "packed" && container.countRows !== undefined
}
