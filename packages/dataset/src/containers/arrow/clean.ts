/**
 * Writes an Arrow file without the dropped rows.
 * @module
 */
import { sourceChanged } from "../../readers/source-changed.ts"
import type { TableRows } from "../container.ts"
import type { CopyMode, ShardDecision } from "../decision.ts"
import type { Sink } from "../sink.ts"
import { readBatchHeader } from "./batch.ts"
import { allOf, lengthOf } from "./columns/spans.ts"
import { encodeBatch } from "./encode.ts"
import { type ArrowFile, endOf } from "./file.ts"
import { MAGIC } from "./footer.ts"
import { MESSAGE, type MessagePlace } from "./message.ts"
import { openBatch, ReadState } from "./open-batch.ts"
import { emptiedValues, keptRows, rebuildParts } from "./rebuild.ts"
import { type LoadedMessage, loadMessage } from "./rows.ts"
import { type Survey, surveyFile } from "./survey.ts"
import { messageWithoutKeyValues } from "./withhold-metadata.ts"
import { newFooter } from "./write-footer.ts"

/** A copy to be written. */
export interface ArrowCopy {
  readonly decision: ShardDecision
  readonly mode: CopyMode
  readonly sink: Sink
}

/**
 * Writes a file's kept rows. Messages that lose nothing are copied as they are; the others are written again in their own
 * compression. Where nothing is dropped and all of the source is accounted for, it is copied byte for byte.
 *
 * @returns how many rows the source and the copy have.
 * @throws {DependencyError} `source_changed` if a kept row is not what was screened.
 * @throws {ShardError} as `readParts`; `shard_unsafe` where metadata cannot be changed in place.
 */
export async function writeArrow(
  file: ArrowFile,
  { decision, mode, sink }: ArrowCopy,
  signal: AbortSignal,
): Promise<TableRows> {
  const survey = await surveyFile(file, decision.kept, signal)
  await sink(writtenFile(file, survey, mode))
  return { read: file.rows, written: file.rows - survey.droppedRows }
}

/** Yields the file piece by piece. Bytes that belong to nothing stay only in a purge. */
async function* writtenFile(file: ArrowFile, survey: Survey, mode: CopyMode): AsyncGenerator<Uint8Array, void> {
  const isPurge = mode === "purge"
  const keepsGaps = isPurge || file.isTight
  const places: MessagePlace[] = []
  let offset = 0
  let position = 0
  function* moved(bytes: Uint8Array): Generator<Uint8Array, void> {
    offset += bytes.length
    yield bytes
  }
  if (!keepsGaps && file.footer !== undefined) yield* moved(Buffer.concat([MAGIC, Buffer.alloc(2)]))
  for (const [index, place] of file.messages.entries()) {
    if (keepsGaps) for await (const bytes of copyRange(file, position, place.start)) yield* moved(bytes)
    const loaded = await loadMessage(file, index)
    const pieces = writtenMessage(file, loaded, { survey, isPurge })
    const [prefix, metadata, body] = pieces
    const bodyStart = offset + prefix.length + metadata.length
    places.push({ ...place, start: offset, bodyStart, bodyBytes: body.length, metadataBytes: metadata.length })
    for (const piece of pieces) yield* moved(piece)
    file.budget.release(place.bodyBytes)
    position = endOf(place)
  }
  const { footer, source } = file
  if (keepsGaps) yield* copyRange(file, position, footer?.start ?? source.sizeBytes)
  else yield places.some(({ prefixBytes }) => prefixBytes === OLD_PREFIX_BYTES) ? OLD_END_MARK : END_MARK
  if (footer === undefined) return
  const bytes = newFooter(file, footer, { places, keepsKeyValues: survey.keepsMetadata })
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(bytes.length)
  yield Buffer.concat([bytes, tail, MAGIC])
}

const END_MARK = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])
/** Before version 0.15 a message began with its length alone. */
const OLD_PREFIX_BYTES = 4
const OLD_END_MARK = Buffer.alloc(4)
const CHUNK_BYTES = 2 ** 20

async function* copyRange({ source }: ArrowFile, start: number, end: number): AsyncGenerator<Uint8Array, void> {
  for (let offset = start; offset < end; offset += CHUNK_BYTES) {
    yield await source.read(offset, Math.min(CHUNK_BYTES, end - offset))
  }
}

/** Prefix, metadata and body. */
type Pieces = readonly [Uint8Array, Uint8Array, Uint8Array]

function writtenMessage(
  file: ArrowFile,
  { index, message, body, sha256 }: LoadedMessage,
  { survey, isPurge }: { readonly survey: Survey; readonly isPurge: boolean },
): Pieces {
  const surveyed = survey.messages[index]
  if (surveyed === undefined || surveyed.sha256 !== sha256) throw sourceChanged()
  const { limits } = file.budget
  const { dropped, isExact } = surveyed
  const isWritten = message.kind !== MESSAGE.schema && (dropped !== undefined || (!isExact && !isPurge))
  const { metadata, body: newBody } = isWritten ? rebuilt(file, { message, body }, dropped) : { ...message, body }
  const own = survey.keepsMetadata ? metadata : messageWithoutKeyValues(metadata, limits.sampleItems)
  return [prefixOf(message, own.length), own, newBody]
}

function prefixOf({ prefixBytes }: MessagePlace, length: number): Uint8Array {
  const prefix = Buffer.alloc(prefixBytes, 0xff)
  if (prefixBytes > 0) prefix.writeInt32LE(length, prefixBytes - 4)
  return prefix
}

function rebuilt(
  file: ArrowFile,
  { message, body }: Pick<LoadedMessage, "message" | "body">,
  dropped: Uint8Array | undefined,
): { readonly metadata: Uint8Array; readonly body: Uint8Array } {
  const header = readBatchHeader(message)
  const { dictionary } = header
  const field = dictionary === undefined ? undefined : file.schema.dictionaries.get(dictionary.id)
  const fields = field === undefined ? file.schema.fields : [field]
  const opened = openBatch(header, { bytes: body, offset: message.bodyStart }, fields, new ReadState(file.budget))
  const choose = field === undefined ? keptRows : emptiedValues
  const spans = dropped === undefined ? allOf(header.rows) : choose(dropped)
  const isText = field?.layout.kind === "bytes" || field?.layout.kind === "view"
  const parts = rebuildParts(opened.columns, spans, isText ? fillOf : undefined)
  const encoded = encodeBatch(message, header, { rows: lengthOf(spans), parts })
  opened.release()
  return encoded
}

const fillOf = (index: number): Uint8Array => Buffer.from(`removed-${index.toString(36)}`)
