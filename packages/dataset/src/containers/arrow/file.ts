/**
 * An Arrow file: its schema, and where its messages are. The stream format is a sequence of messages; the file format
 * is the same between magic bytes, with a footer that lists them.
 * @module
 */
import { NightlightError } from "@nightlight/core"
import type { RandomSource } from "../../readers/source.ts"
import type { ReaderLimits } from "../../readers/types.ts"
import { Budget } from "../rows/budget.ts"
import type { KeyValue } from "../rows/row-samples.ts"
import { readBatchHeader } from "./batch.ts"
import { ARROW, malformed, tooLarge, unsafe } from "./errors.ts"
import { type Footer, MAGIC, readFooter } from "./footer.ts"
import {
  keyValuesOf,
  MESSAGE,
  MESSAGE_KEY_VALUES,
  type Message,
  type MessagePlace,
  parseMessage,
  readMessage,
  readMetadata,
} from "./message.ts"
import { areSameSchemas, readSchema, type Schema } from "./schema.ts"
import { hasSlack } from "./slack.ts"

/** A file whose rows are read. */
export interface ArrowFile {
  readonly source: RandomSource
  readonly budget: Budget
  readonly schema: Schema
  /** Of the file format; undefined for a stream. */
  readonly footer: Footer | undefined
  /** The schema's first, where there is one, then dictionaries and record batches in their order. */
  readonly messages: readonly MessagePlace[]
  /** Rows of all record batches. */
  readonly rows: number
  /** Metadata of the schema, its fields, the messages and the footer. */
  readonly keyValues: readonly KeyValue[]
  /** Offset behind the last message. */
  readonly messagesEnd: number
  /** Whether messages, padding and footer account for all bytes. */
  readonly isTight: boolean
}

const MAX_KEY_VALUE_UNITS = 64 * 2 ** 20

/**
 * Reads a file's schema and finds its messages.
 *
 * @throws {ShardError} `shard_malformed`, also for a footer that lists other messages than there are; `shard_limit`;
 * `shard_unsafe` for what is not understood.
 */
export async function openArrow(source: RandomSource, limits: ReaderLimits): Promise<ArrowFile> {
  try {
    return await open(source, limits)
  } catch (error) {
    if (error instanceof NightlightError) throw error
    throw malformed()
  }
}

async function open(source: RandomSource, limits: ReaderLimits): Promise<ArrowFile> {
  const start = Buffer.from(await source.read(0, MESSAGES_START))
  const isFile = start.subarray(0, MAGIC.length).equals(MAGIC)
  const footer = isFile ? await readFooter(source) : undefined
  const walk = new Walk(limits)
  let position = isFile ? MESSAGES_START : 0
  const end = footer?.start ?? source.sizeBytes
  const first = await readFirst(source, position, { end, footer })
  const table = footer?.schema ?? first?.header
  if (table === undefined) throw malformed()
  const schema = readSchema(table, limits.sampleItems)
  if (first !== undefined) {
    if (!areSameSchemas(schema, readSchema(first.header, limits.sampleItems))) throw malformed()
    walk.add(first)
    position = endOf(first)
  }
  if (footer === undefined) {
    for (;;) {
      const message = await readMessage(source, position, end)
      if (message === undefined) break
      walk.add(message)
      position = endOf(message)
    }
  } else {
    for (const block of footer.blocks) {
      if (block.start < position) throw malformed()
      walk.isTight &&= await isZero(source, position, block.start)
      const message = await readMessage(source, block.start, end)
      if (message === undefined || message.kind !== block.kind) throw malformed()
      if (block.bodyBytes !== message.bodyBytes) throw malformed()
      if (block.metadataBytes !== message.prefixBytes + message.metadataBytes) throw malformed()
      walk.add(message)
      position = endOf(message)
    }
  }
  const keyValues = [...schema.keyValues, ...walk.keyValues, ...(footer?.keyValues ?? [])]
  if (keyValues.reduce((sum, { key, value }) => sum + key.length + value.length, 0) > MAX_KEY_VALUE_UNITS) {
    throw tooLarge("longer metadata")
  }
  if (footer?.hasSlack === true) throw unsafe("has a footer with what belongs to nothing")
  const isTight =
    walk.isTight &&
    (!isFile || start.subarray(MAGIC.length).every((byte) => byte === 0)) &&
    (await endsAt(source, position, end))
  return {
    source,
    budget: new Budget(limits, source.sizeBytes, ARROW),
    schema,
    footer,
    messages: walk.messages,
    rows: walk.rows,
    keyValues,
    messagesEnd: position,
    isTight,
  }
}

/** Magic bytes, and padding. */
const MESSAGES_START = 8

/**
 * Reads the schema's message. Readers of the file format pass over it: where it is not understood, its bytes count as
 * those of nothing.
 */
async function readFirst(
  source: RandomSource,
  start: number,
  { end, footer }: { readonly end: number; readonly footer: Footer | undefined },
): Promise<Message | undefined> {
  const firstBlock = footer?.blocks[0]?.start ?? end
  if (firstBlock === start) return undefined
  const mark = Buffer.from(await source.read(start, END_MARK.length))
  const hasPrefix = footer === undefined || mark.subarray(0, 4).equals(END_MARK.subarray(0, 4))
  const first = hasPrefix ? await readMessage(source, start, end) : await readBare(source, start, firstBlock)
  if (first === undefined && footer !== undefined) return undefined
  if (first?.kind !== MESSAGE.schema || first.bodyBytes > 0) throw malformed()
  return first
}

/** Reads a schema without a prefix, as Polars writes it. */
async function readBare(source: RandomSource, start: number, end: number): Promise<Message> {
  return parseMessage(await readMetadata(source, start, end - start), { start, prefixBytes: 0, end })
}

/** Collects messages as they are found. */
class Walk {
  readonly messages: MessagePlace[] = []
  readonly keyValues: KeyValue[] = []
  rows = 0
  isTight = true
  readonly #limits: ReaderLimits

  constructor(limits: ReaderLimits) {
    this.#limits = limits
  }

  add(message: Message): void {
    const { kind, start, prefixBytes, metadataBytes, bodyStart, bodyBytes, root } = message
    if (kind === MESSAGE.schema && this.messages.length > 0) throw malformed()
    if (this.messages.length > this.#limits.items) throw tooLarge("more batches")
    if (kind === MESSAGE.batch) this.rows += readBatchHeader(message).rows
    // Each row is an item at least.
    if (this.rows > this.#limits.items) throw tooLarge("more rows")
    this.keyValues.push(...keyValuesOf(root, MESSAGE_KEY_VALUES))
    if (this.keyValues.length > this.#limits.items) throw tooLarge("more metadata")
    if (hasSlack(message)) throw unsafe("has metadata that belongs to nothing")
    this.messages.push({ kind, start, prefixBytes, metadataBytes, bodyStart, bodyBytes })
  }
}

/** Offset behind a message. */
export function endOf({ bodyStart, bodyBytes }: MessagePlace): number {
  return bodyStart + bodyBytes
}

const END_MARK = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])

/** Whether nothing but the mark of a stream's end, and padding, follows its messages. */
async function endsAt(source: RandomSource, position: number, end: number): Promise<boolean> {
  const mark = Buffer.from(await source.read(position, Math.min(END_MARK.length, end - position)))
  return isZero(source, mark.equals(END_MARK) ? position + END_MARK.length : position, end)
}

/** Longest gap that is looked into. */
const MAX_GAP_BYTES = 2 ** 20

async function isZero(source: RandomSource, start: number, end: number): Promise<boolean> {
  if (end - start > MAX_GAP_BYTES) return false
  const bytes = end === start ? new Uint8Array() : await source.read(start, end - start)
  return bytes.every((byte) => byte === 0)
}
