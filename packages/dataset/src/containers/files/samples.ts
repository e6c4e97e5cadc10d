/**
 * Samples of plain files, and the sidecar files beside a packed shard.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { compact, hasCode } from "@nightlight/core"
import type { ListedFile } from "../../readers/listing.ts"
import { pathOf, sourcePath } from "../../readers/paths.ts"
import { openFileSource } from "../../readers/source.ts"
import { groupByStem } from "../../readers/stem-groups.ts"
import type { ItemRole, Sample } from "../../readers/types.ts"
import { type FoundMember, type ItemBuilder, NOTHING, type OpenSample, yieldEvery512 } from "../item-builder.ts"

/** Files in the order in which {@link readFileSamples} numbers them. */
export function inReadingOrder(files: readonly ListedFile[]): readonly ListedFile[] {
  return groupByStem(files, pathOf).flatMap((group) => group.files)
}

/** Reads the samples of listed files: pictures with their sidecars. */
export async function* readFileSamples(
  root: string,
  files: readonly ListedFile[],
  builder: ItemBuilder,
): AsyncGenerator<Sample, void> {
  let count = 0
  for (const group of groupByStem(files, pathOf)) {
    await yieldEvery512(++count)
    const sample = builder.begin(group.key)
    for (const file of group.files) {
      await builder.add(sample, readMember({ root, file, role: group.role }, sample, builder))
    }
    yield sample
  }
}

/** Reads the sidecars of a packed shard, each a sample of its own. */
export async function* readSidecars(
  root: string,
  files: readonly ListedFile[],
  builder: ItemBuilder,
): AsyncGenerator<Sample, void> {
  for (const file of files) {
    const sample = builder.begin(pathOf(file))
    const member = readMember({ root, file, role: "sidecar" }, sample, builder)
    await builder.add(sample, { ...member, skippedByLoaders: true })
    yield sample
  }
}

function readMember(
  { root, file, role }: { readonly root: string; readonly file: ListedFile; readonly role: ItemRole },
  sample: OpenSample,
  builder: ItemBuilder,
): FoundMember {
  const place = pathOf(file)
  const absolute = sourcePath(root, file)
  const { sizeBytes } = file
  const about = { place, sizeBytes, role }
  // A path that is not UTF-8 cannot be passed to the decoder, so its bytes are.
  const path = isUtf8(absolute) ? absolute.toString() : undefined
  const source = path === undefined ? NOTHING : { kind: "file" as const, path }
  if (path !== undefined && !file.archive) return { ...about, source }
  if (!builder.mayHold(sample, sizeBytes)) {
    const refused = file.archive ? "archive_limit" : "byte_limit"
    return { ...about, source, refused, ...compact({ unread: path === undefined ? (true as const) : undefined }) }
  }
  try {
    using opened = openFileSource(absolute)
    const bytes = opened.read(0, sizeBytes)
    return {
      ...about,
      source: path === undefined ? { kind: "bytes", bytes } : source,
      ...compact({ archive: file.archive ? bytes : undefined }),
    }
  } catch (error) {
    if (!hasCode(error, "source_unreadable")) throw error
    return { ...about, source: NOTHING, refused: "source_unreadable", unread: true }
  }
}
