/**
 * WebDataset samples of a tar.
 * @module
 */
import { compact } from "@nightlight/core"
import { streamSource } from "../../readers/stream-source.ts"
import type { ReaderLimits, Sample } from "../../readers/types.ts"
import type { StoredFile } from "../../stores/store.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import { readTarEntries, type TarMember } from "./entries.ts"
import type { TarInput } from "./input.ts"
import { parseWebDatasetName } from "./webdataset-key.ts"

/** Where a tar's members are read from. */
export interface TarShard {
  readonly input: TarInput
  /** Path of a plain tar, whose members are ranges of it; undefined, members are held as bytes. */
  readonly path: string | undefined
  /** Opens a plain tar again, for members that are too large to be held. */
  readonly open?: () => StoredFile
}

/**
 * Reads a tar's samples by WebDataset's rules: consecutive members with one key; a key that comes back begins a new
 * sample. Members that loaders skip (no key, links, `__meta__`) are samples of their own and do not end the sample
 * around them.
 *
 * @throws {ShardError} as `readTarEntries` and the limits say.
 */
export async function* readTarSamples(
  shard: TarShard,
  builder: ItemBuilder,
  limits: ReaderLimits,
): AsyncGenerator<Sample, void> {
  let sample: OpenSample | undefined
  const extensions = new Set<string>()
  let count = 0
  for await (const entry of readTarEntries(shard.input, limits)) {
    await yieldEvery512(++count)
    if (entry.kind === "end" || (entry.kind === "folder" && entry.refused === undefined)) continue
    const name = parseWebDatasetName(entry.name)
    if (entry.kind !== "file" || name.kind !== "keyed") {
      const role = name.kind === "metadata" && entry.kind === "file" ? "metadata" : "member"
      const member = await readMember(shard, entry, (size) => builder.mayHold(undefined, size))
      yield await builder.single(entry.name, { ...member, role, skippedByLoaders: true })
      continue
    }
    if (sample === undefined || sample.key !== name.key) {
      if (sample !== undefined) yield sample
      sample = builder.begin(name.key)
      extensions.clear()
    }
    const current = sample
    const member = await readMember(shard, entry, (size) => builder.mayHold(current, size))
    await builder.add(current, extensions.has(name.extension) ? { ...member, duplicate: true } : member)
    extensions.add(name.extension)
  }
  if (sample !== undefined) yield sample
}

/** Finds a member's bytes, and reads them where it is compressed or an archive. The input is positioned at its data. */
async function readMember(
  { input, path, open }: TarShard,
  entry: TarMember,
  mayHold: (sizeBytes: number) => boolean,
): Promise<FoundMember> {
  const { name: place, sizeBytes, dataStart } = entry
  const about = { place, sizeBytes, role: "member" as const }
  const refusal = compact({ refused: entry.refused })
  if (entry.kind !== "file") return { ...about, sizeBytes: 0, source: NOTHING, ...refusal, unread: true }
  if (path === undefined) {
    if (!mayHold(sizeBytes)) {
      if (open === undefined) return { ...about, source: NOTHING, refused: "byte_limit", unread: true }
      const isArchive = sniffArchive(await input.read(Math.min(sizeBytes, SNIFF_BYTES))) !== undefined
      const stream = streamSource(open, dataStart, sizeBytes)
      return {
        ...about,
        source: stream,
        ...compact({ refused: entry.refused ?? (isArchive ? "archive_limit" : undefined) }),
      }
    }
    const bytes = await input.read(sizeBytes)
    const isArchive = sniffArchive(bytes.subarray(0, SNIFF_BYTES)) !== undefined
    return {
      ...about,
      source: { kind: "bytes", bytes },
      ...refusal,
      ...compact({ archive: isArchive ? bytes : undefined }),
    }
  }
  const source = { kind: "range" as const, path, offset: dataStart, length: sizeBytes }
  const head = await input.read(Math.min(sizeBytes, SNIFF_BYTES))
  if (sniffArchive(head) === undefined) return { ...about, source, ...refusal }
  if (!mayHold(sizeBytes)) return { ...about, source, refused: entry.refused ?? "archive_limit" }
  const archive = Buffer.concat([head, await input.read(sizeBytes - head.length)])
  return { ...about, source, ...refusal, archive }
}
