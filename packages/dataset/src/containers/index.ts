/**
 * The dataset formats that can be read and written again. A new one is a folder beside this file, and a line here.
 * @module
 */
import type { Container, FileHead } from "./container.ts"
import { files } from "./files/container.ts"
import { tar } from "./tar/container.ts"
import { zip } from "./zip/container.ts"

/** By the name that plans and receipts give them, in the order in which a file is offered to them. */
export const CONTAINERS = {
  tar,
  zip,
  files,
} satisfies Readonly<Record<string, Container>>

/** How a shard's items are stored. */
export type ShardKind = keyof typeof CONTAINERS

/** The kind of shard in which files are gathered that are no shard by themselves. */
export const PLAIN_FILES: ShardKind = "files"

/** Every format with its name, in the table's order. */
export const containerEntries = Object.entries(CONTAINERS) as readonly (readonly [ShardKind, Container])[]

/** What the formats are called in help and documentation. */
export const datasetFormats: readonly string[] = containerEntries.map(([, { title }]) => title)

/** Finds the kind of shard that a file is by itself, if it is one. */
export function detectShard(head: FileHead): ShardKind | undefined {
  return containerEntries.find(([, container]) => container.layout === "packed" && container.detect(head))?.[0]
}

/** How names of packed shards end, in lower case, the longest first. */
export const SHARD_ENDINGS: readonly string[] = containerEntries
  .flatMap(([, container]) => (container.layout === "packed" ? container.endings : []))
  .toSorted((a, b) => b.length - a.length)

/** The container of a kind. */
export function containerOf(kind: ShardKind): Container {
  return CONTAINERS[kind]
}
