/**
 * Samples of a zip.
 * @module
 */
import { compact, ShardError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import { groupByStem } from "../../readers/stem-groups.ts"
import { streamSource } from "../../readers/stream-source.ts"
import type { Item, ItemRole, ReaderLimits, Sample } from "../../readers/types.ts"
import type { StoredFile } from "../../stores/store.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import type { ZipDirectory, ZipEntry } from "./directory.ts"
import { readZipEntry } from "./entry.ts"

/** A zip whose samples are read. */
export interface ZipShard {
  readonly source: RandomSource
  readonly directory: ZipDirectory
  /** Path of the file, where stored entries can be read as ranges of it. */
  readonly path: string | undefined
  /** Opens the file again, for stored entries that are too large to be held. */
  readonly open: () => StoredFile
}

/** Groups a zip's entries into samples, without folders; the same for reading and copying. */
export function groupZipEntries(entries: readonly ZipEntry[]) {
  return groupByStem(
    entries.filter((entry) => !entry.isFolder || entry.refused !== undefined),
    (entry) => entry.name,
  )
}

/**
 * Reads a zip's samples: pictures with their sidecars, as in a folder.
 *
 * @throws {ShardError} `shard_bomb` if all entries together inflate beyond the limit.
 */
export async function* readZipSamples(
  { source, directory, path, open }: ZipShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  const inflatedBytes = directory.entries.reduce((sum, entry) => sum + entry.sizeBytes, 0)
  if (inflatedBytes > limits.inflatedBytes) throw new ShardError("shard_bomb", "a zip inflates beyond the limit")
  let count = 0
  for (const group of groupZipEntries(directory.entries)) {
    await yieldEvery512(++count)
    const sample = builder.begin(group.key)
    for (const entry of group.files) {
      await builder.add(sample, await readMember({ source, path, open, role: group.role }, entry, { builder, sample }))
    }
    yield sample
  }
}

async function readMember(
  { source, path, open, role }: Omit<ZipShard, "directory"> & { readonly role: ItemRole },
  entry: ZipEntry,
  { builder, sample }: { readonly builder: ItemBuilder; readonly sample: OpenSample },
): Promise<FoundMember> {
  const { name: place, sizeBytes } = entry
  const about = { place, sizeBytes, role }
  if (entry.unread === true) return { ...about, ...refusalOf(entry), source: NOTHING, unread: true }
  const range =
    entry.method === 0 ? rangeOf(entry, { path, open, isHeld: builder.mayHold(sample, sizeBytes) }) : undefined
  if (range !== undefined) {
    const isArchive = sniffArchive(await source.read(entry.dataStart, Math.min(sizeBytes, SNIFF_BYTES))) !== undefined
    if (!isArchive) return { ...about, ...refusalOf(entry), source: range }
    if (!builder.mayHold(sample, sizeBytes))
      return { ...about, refused: entry.refused ?? "archive_limit", source: range }
  } else if (!builder.mayHold(sample, sizeBytes)) {
    return { ...about, refused: "byte_limit", source: NOTHING, unread: true }
  }
  try {
    const bytes = await readZipEntry(source, entry)
    const isArchive = sniffArchive(bytes.subarray(0, SNIFF_BYTES)) !== undefined
    const from: Item["source"] = range ?? { kind: "bytes", bytes }
    return { ...about, ...refusalOf(entry), source: from, ...compact({ archive: isArchive ? bytes : undefined }) }
  } catch (error) {
    if (!(error instanceof ShardError)) throw error
    // One damaged entry costs one sample, not the zip.
    return { ...about, refused: "archive_malformed", source: NOTHING, unread: true }
  }
}

/** A stored entry's place, unless it is to be held. */
function rangeOf(
  { dataStart: offset, sizeBytes: length }: ZipEntry,
  { path, open, isHeld }: Pick<ZipShard, "path" | "open"> & { readonly isHeld: boolean },
): Item["source"] | undefined {
  if (path !== undefined) return { kind: "range", path, offset, length }
  return isHeld ? undefined : streamSource(open, offset, length)
}

function refusalOf(entry: ZipEntry) {
  return compact({ refused: entry.refused })
}
