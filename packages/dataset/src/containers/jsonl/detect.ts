/**
 * Recognises files of JSON records.
 * @module
 */
import { sniffCompression } from "../compression/format.ts"
import { inflateHead } from "../compression/inflate-head.ts"
import type { FileHead } from "../container.ts"
import { isSpace } from "../records/fragments.ts"
import { scanJson } from "../records/json-strings.ts"
import { namedFile } from "./named-files.ts"

/** Endings of names of files with one JSON value on each line. */
const LINES_ENDINGS = [".jsonl", ".ndjson"] as const
const COMPRESSED = ["", ".gz", ".zst"] as const

/** Endings of the names of files of JSON records. */
export const JSON_ENDINGS: readonly string[] = [...LINES_ENDINGS, ".json"].flatMap((ending) =>
  COMPRESSED.map((compressed) => `${ending}${compressed}`),
)

/** Smaller files called `.json` describe something else, or lose little as one item. */
const LEAST_JSON_BYTES = 64 * 1024
const LEAST_COMPRESSED_BYTES = 4 * 1024
const MAX_HEAD_BYTES = 2 ** 20
const FEED = 0x0a
const OPEN_OBJECT = 0x7b
const OPEN_ARRAY = 0x5b
const MARK = Buffer.from("\ufeff")

/** Whether a file is called one of JSON lines, whatever it holds. */
export function isCalledLines(name: string): boolean {
  const lower = name.toLowerCase().replace(/\.(?:gz|zst)$/, "")
  return LINES_ENDINGS.some((ending) => lower.endsWith(ending))
}

/**
 * Whether a file holds several JSON records: lines that are objects or arrays each, or one array of objects. A file
 * called `.json` shows that by its content within the first MiB, and is no smaller than 64 KiB, or 4 KiB compressed.
 */
export function isJsonShard(head: FileHead): boolean {
  const lower = head.name.toLowerCase()
  if (!JSON_ENDINGS.some((ending) => lower.endsWith(ending))) return false
  const isLines = isCalledLines(head.name)
  const isCompressed = sniffCompression(head.bytes) !== undefined
  if (!isLines && head.sizeBytes < (isCompressed ? LEAST_COMPRESSED_BYTES : LEAST_JSON_BYTES)) return false
  const first = judge(textOf(head.bytes, head.sizeBytes), isLines)
  if (first !== "undecided") return first === "records"
  const more = judge(textOf(head.more?.() ?? head.bytes, head.sizeBytes), isLines)
  return more === "records" || (more === "undecided" && isLines)
}

/** Whether the first records of a file, within its first MiB, name files. */
export function namesFilesInHead(head: FileHead): boolean {
  const { bytes } = textOf(head.more?.() ?? head.bytes, head.sizeBytes)
  let found = false
  // What is cut off at the end is read as far as it goes.
  const scan = (record: Buffer) =>
    scanJson(record, LEAST_NAME_BYTES, (string) => {
      found ||= namedFile(string) !== undefined
    })
  const start = contentStart(bytes, markBytes(bytes))
  if (bytes[start] === OPEN_ARRAY) scan(bytes.subarray(start))
  for (let from = start; from < bytes.length && !found && bytes[start] !== OPEN_ARRAY; ) {
    const feed = bytes.indexOf(FEED, from)
    const end = feed === -1 ? bytes.length : feed
    scan(bytes.subarray(from, end))
    from = contentStart(bytes, end)
  }
  return found
}

const LEAST_NAME_BYTES = 4

function markBytes(bytes: Buffer): number {
  return MARK.equals(bytes.subarray(0, MARK.length)) ? MARK.length : 0
}

interface TextHead {
  readonly bytes: Buffer
  readonly isWhole: boolean
}

function textOf(bytes: Buffer, sizeBytes: number): TextHead {
  const compression = sniffCompression(bytes)
  if (compression === undefined) return { bytes, isWhole: bytes.length >= sizeBytes }
  const inflated = inflateHead(bytes, compression)
  // Damaged: as a shard it is set aside, which a name alone is enough for.
  return { bytes: inflated?.subarray(0, MAX_HEAD_BYTES) ?? Buffer.alloc(0), isWhole: false }
}

function judge({ bytes, isWhole }: TextHead, isLines: boolean): "records" | "other" | "undecided" {
  const unknown = isWhole ? "other" : "undecided"
  const start = contentStart(bytes, markBytes(bytes))
  const first = bytes[start]
  if (first === undefined) return unknown
  if (first !== OPEN_OBJECT && first !== OPEN_ARRAY) return "other"
  if (first === OPEN_ARRAY && !isLines) {
    const inner = bytes[contentStart(bytes, start + 1)]
    return inner === undefined ? unknown : inner === OPEN_OBJECT ? "records" : "other"
  }
  const feed = bytes.indexOf(FEED, start)
  if (feed === -1) return unknown
  if (scanJson(bytes.subarray(start, feed), Number.POSITIVE_INFINITY, () => {}) === "malformed") return "other"
  const second = bytes[contentStart(bytes, feed)]
  if (second === undefined) return unknown
  return isLines || second === OPEN_OBJECT ? "records" : "other"
}

function contentStart(bytes: Buffer, from: number): number {
  let start = from
  while (isSpace(bytes[start])) start++
  return start
}
