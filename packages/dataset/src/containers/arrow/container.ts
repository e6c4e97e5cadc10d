/**
 * Arrow files and streams, as Hugging Face's `save_to_disk` and its cache store rows.
 * @module
 */
import type { Sample } from "../../readers/types.ts"
import type { PackedContainer } from "../container.ts"
import { type ItemBuilder, yieldEvery512 } from "../item-builder.ts"
import { openShardFile, type WriteShardFile, writePacked } from "../packed.ts"
import { metadataBytes, metadataSample, rowSample } from "../rows/row-samples.ts"
import { writeArrow } from "./clean.ts"
import { type ArrowFile, openArrow } from "./file.ts"
import { FlatTable } from "./flatbuffer.ts"
import { MAGIC } from "./footer.ts"
import { MESSAGE } from "./message.ts"
import { readParts } from "./rows.ts"

/** Arrow IPC, as a file or as a stream. */
export const arrow: PackedContainer = {
  title: "Arrow files and streams, Feather (Hugging Face's save_to_disk)",
  layout: "packed",
  endings: [".arrow", ".arrows", ".feather"],
  countRows: async (source, limits) => (await openArrow(source, limits)).rows,
  detect: ({ bytes, sizeBytes }) =>
    bytes.subarray(0, MAGIC.length).equals(MAGIC) || isStream(bytes) || isOldStream(bytes, sizeBytes),
  async *samples(shard, builder) {
    using source = openShardFile(shard)
    yield* readSamples(await openArrow(source, shard.limits), source.rangePath, builder)
  },
  writeClean: (copy, signal) => writePacked(copy, write, signal),
  // Record batches are copied as they are, so a purge and a clean copy write the same.
  writePurged: (copy, signal) => writePacked(copy, write, signal),
}

const CONTINUATION = Buffer.from([0xff, 0xff, 0xff, 0xff])

/** A stream begins with the mark of a message, and the length of its metadata, which refers to a table in it. */
function isStream(bytes: Buffer): boolean {
  if (bytes.length < 12 || !bytes.subarray(0, 4).equals(CONTINUATION)) return false
  const length = bytes.readInt32LE(4)
  return length > 0 && length % 8 === 0 && bytes.readUInt32LE(8) < length
}

/** Most of a stream's first message that is looked at. */
const HEAD_BYTES = 4096

/**
 * A stream as written before version 0.15 begins with the length of its first message, without a mark: the message must
 * be a schema. Versions of the metadata that cannot be read are recognised too, so that their reading says so.
 */
function isOldStream(bytes: Buffer, sizeBytes: number): boolean {
  if (bytes.length < 12) return false
  const length = bytes.readInt32LE(0)
  if (length < 16 || 4 + length > sizeBytes) return false
  try {
    const message = FlatTable.root(bytes.subarray(4, Math.min(4 + length, HEAD_BYTES)))
    const version = message.int16(0)
    return version >= 0 && version <= NEWEST_VERSION && message.uint8(1) === MESSAGE.schema && message.size(3) === 0
  } catch {
    return false
  }
}

/** The metadata's version 5, of Arrow 1.0. */
const NEWEST_VERSION = 4

async function* readSamples(
  file: ArrowFile,
  path: string | undefined,
  builder: ItemBuilder,
): AsyncGenerator<Sample, void> {
  const metadata = metadataBytes(file.keyValues)
  if (metadata !== undefined) yield await metadataSample(metadata, file.keyValues, file.budget.limits, builder)
  let count = 0
  for await (const part of readParts(file, () => true)) {
    await yieldEvery512(count++)
    if (part.kind === "row") {
      const { index } = part.row
      yield await rowSample(part.row, { key: String(index), name: `row ${index}`, path }, builder)
    } else if (part.kind === "value") {
      yield await rowSample(part.row, { key: part.name, name: part.name, path }, builder)
    }
  }
}

const write: WriteShardFile = async (source, { copy, sink, outcome }, signal) => {
  const { limits, decision, mode } = copy
  const file = await openArrow(source, limits)
  outcome.rows = await writeArrow(file, { decision, mode, sink }, signal)
}
