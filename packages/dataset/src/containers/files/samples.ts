/**
 * Samples of plain files, and the sidecar files beside a packed shard.
 * @module
 */
import { compact, hasCode } from "@nightlight/core"
import type { ListedFile } from "../../readers/listing.ts"
import { pathOf } from "../../readers/paths.ts"
import { groupByStem } from "../../readers/stem-groups.ts"
import { streamSource } from "../../readers/stream-source.ts"
import type { ItemRole, Sample } from "../../readers/types.ts"
import type { DatasetStore } from "../../stores/store.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"
import { SNIFF_BYTES, sniffArchive } from "../sniff.ts"
import { type ReadAhead, readAhead } from "./read-ahead.ts"

/** Files in the order in which {@link readFileSamples} numbers them. */
export function inReadingOrder(files: readonly ListedFile[]): readonly ListedFile[] {
  return groupByStem(files, pathOf).flatMap((group) => group.files)
}

/** Reads the samples of listed files: pictures with their sidecars. */
export async function* readFileSamples(
  store: DatasetStore,
  files: readonly ListedFile[],
  builder: ItemBuilder,
): AsyncGenerator<Sample, void> {
  const groups = groupByStem(files, pathOf)
  using ahead = readAhead(store, groups.flatMap((group) => group.files).filter(isHeld(store)))
  let count = 0
  for (const group of groups) {
    await yieldEvery512(++count)
    const sample = builder.begin(group.key)
    for (const file of group.files) {
      await builder.add(sample, await readMember({ store, file, role: group.role, ahead }, sample, builder))
    }
    yield sample
  }
}

/** Reads the sidecars of a packed shard, each a sample of its own. */
export async function* readSidecars(
  store: DatasetStore,
  files: readonly ListedFile[],
  builder: ItemBuilder,
): AsyncGenerator<Sample, void> {
  for (const file of files) {
    const sample = builder.begin(pathOf(file))
    using ahead = readAhead(store, [])
    const member = await readMember({ store, file, role: "sidecar", ahead }, sample, builder)
    await builder.add(sample, { ...member, skippedByLoaders: true })
    yield sample
  }
}

/** Whether the bytes of a file are held in memory, since the decoder cannot read it by itself. */
const isHeld = (store: DatasetStore) => (file: ListedFile) => store.pathFor(file) === undefined

interface MemberToRead {
  readonly store: DatasetStore
  readonly file: ListedFile
  readonly role: ItemRole
  readonly ahead: ReadAhead
}

async function readMember(
  { store, file, role, ahead }: MemberToRead,
  sample: OpenSample,
  builder: ItemBuilder,
): Promise<FoundMember> {
  const place = pathOf(file)
  const { sizeBytes } = file
  const about = { place, sizeBytes, role }
  const path = store.pathFor(file)
  const source = path === undefined ? NOTHING : { kind: "file" as const, path }
  if (path !== undefined && file.archive === false) return { ...about, source }
  if (path !== undefined && !builder.mayHold(sample, sizeBytes)) {
    return { ...about, source, refused: file.archive === true ? "archive_limit" : "byte_limit" }
  }
  try {
    if (!builder.mayHold(sample, sizeBytes)) {
      const isArchive = file.archive ?? sniffArchive(await store.readHead(file, SNIFF_BYTES)) !== undefined
      const stream = streamSource(() => store.open(file), 0, sizeBytes)
      return { ...about, source: stream, ...compact({ refused: isArchive ? "archive_limit" : undefined }) }
    }
    const bytes = await ahead.take(file)
    const isArchive = file.archive ?? sniffArchive(bytes.subarray(0, SNIFF_BYTES)) !== undefined
    return {
      ...about,
      source: path === undefined ? { kind: "bytes", bytes } : source,
      ...compact({ archive: isArchive ? bytes : undefined }),
    }
  } catch (error) {
    if (!hasCode(error, "source_unreadable")) throw error
    return { ...about, source: NOTHING, refused: "source_unreadable", unread: true }
  }
}
