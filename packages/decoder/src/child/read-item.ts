import { setImmediate } from "node:timers/promises"
import { compact, type InconclusiveCause, SNIFF_BYTES, type SniffedMedia, sniffMedia } from "@nightlight/core"
import { judgeLargeArray } from "./arrays/array-reader.ts"
import { BEGINNING_OVERLAP, holdsPictureFile } from "./arrays/hidden-files.ts"
import { createDigester, type Digests, digestsOf } from "./digests.ts"
import { type OpenItem, SourceError } from "./open-item.ts"
import type { PictureResult } from "./picture.ts"
import { releaseMemory } from "./pixels.ts"
import { unpackedSvgz } from "./svgz.ts"
import { checkText, createTextCheck } from "./text-check.ts"
import { isWrittenAsText, type StartTextScan, type TextPictureScan } from "./texts/text-scanner.ts"

/** Facts about an item before it is decoded. */
export interface ReadItem {
  readonly sizeBytes: number
  readonly digests: Digests
  readonly media: SniffedMedia
  /** All bytes of a picture, array file or text to inspect; they may share the lane's buffer. */
  readonly bytes?: Uint8Array
  /** Why it is inconclusive, where that does not follow from its kind. */
  readonly cause?: InconclusiveCause
  /** Result for a text that was too large to be read in one piece. */
  readonly seen?: PictureResult
}

/** Largest item that is read in one piece. */
const WHOLE_BYTES = 8 * 1024 * 1024

/** Largest buffer that a lane keeps between items. */
const KEPT_BYTES = 1024 * 1024

const CHUNK_BYTES = 1024 * 1024

const UNKNOWN: SniffedMedia = { mediaType: "application/octet-stream", kind: "unknown" }

/** Memory that one lane reuses, so that a scan of small files allocates nothing for reading. */
export class ReadBuffer {
  #kept = Buffer.allocUnsafeSlow(0)
  #large: Buffer | undefined

  /** Returns `sizeBytes` uninitialised bytes, valid until {@link release}. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes > KEPT_BYTES) {
      this.#large = Buffer.allocUnsafeSlow(sizeBytes)
      return this.#large
    }
    if (this.#kept.length < sizeBytes) this.#kept = Buffer.allocUnsafeSlow(Math.min(KEPT_BYTES, sizeBytes * 2))
    return this.#kept.subarray(0, sizeBytes)
  }

  /** Releases the memory of a large item. */
  release(): void {
    if (this.#large !== undefined) releaseMemory(this.#large)
    this.#large = undefined
  }
}

/**
 * Reads, digests and recognises an item. Pictures up to `maxBytes` and small items are read in one piece, the others in
 * bounded memory.
 *
 * @throws {SourceError} when the bytes cannot be read.
 */
export async function readItem(
  item: OpenItem,
  buffer: ReadBuffer,
  maxBytes: number,
  startTextScan: StartTextScan,
): Promise<ReadItem> {
  if (item.sizeBytes <= WHOLE_BYTES) return readWhole(item, buffer, maxBytes)
  const head = new Uint8Array(SNIFF_BYTES)
  const filled = await item.read(head, 0)
  const media = sniffMedia(head.subarray(0, filled), item.sizeBytes)
  if (isInspected(media) && item.sizeBytes <= maxBytes) return readWhole(item, buffer, maxBytes)
  return readInPieces(item, media, startTextScan)
}

async function readWhole(item: OpenItem, buffer: ReadBuffer, maxBytes: number): Promise<ReadItem> {
  const target = buffer.take(item.sizeBytes)
  const bytes = target.subarray(0, await item.read(target, 0))
  return recognised(bytes, digestsOf(bytes), maxBytes)
}

/** Recognises an item that was read whole. Keeps its bytes if they are to be inspected. */
export function recognised(bytes: Buffer, digests: Digests, maxBytes: number): ReadItem {
  const media = confirmed(sniffMedia(bytes.subarray(0, SNIFF_BYTES), bytes.length), bytes)
  const read = { sizeBytes: bytes.length, digests, media }
  if ((isInspected(media) && bytes.length <= maxBytes) || isWrittenAsText(media)) return { ...read, bytes }
  return media.kind === "array" ? { ...read, ...judged(bytes, media, bytes.length) } : read
}

function isInspected({ kind }: SniffedMedia): boolean {
  return kind === "picture" || kind === "array"
}

/** Type and cause of an array file that is too large to inspect. */
function judged(head: Uint8Array, media: SniffedMedia, sizeBytes: number): Pick<ReadItem, "media" | "cause"> {
  const { mediaType, kind, inconclusive } = judgeLargeArray(head, media, sizeBytes)
  return compact({ media: { mediaType, kind }, cause: inconclusive })
}

/**
 * Confirms the type by the whole file, because the head may be misleading: text must be text to its end, a PNG may be
 * animated later, a gzip file may be a picture.
 */
function confirmed(media: SniffedMedia, bytes: Buffer): SniffedMedia {
  if (media.mediaType === "image/png" && bytes.includes("fdAT")) return { mediaType: "image/apng", kind: "picture" }
  if (media.kind === "text") return checkText(bytes, media)
  if (media.mediaType === "application/gzip") return unpackedSvgz(bytes.subarray(0, SNIFF_BYTES)) ?? media
  return media
}

async function readInPieces(item: OpenItem, media: SniffedMedia, startTextScan: StartTextScan): Promise<ReadItem> {
  const digester = createDigester()
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  let textCheck: ReturnType<typeof createTextCheck> | undefined
  let textScan: TextPictureScan | undefined
  let offset = 0
  let found = media
  let cause: ReadItem["cause"]
  let end = Buffer.alloc(0)
  while (offset < item.sizeBytes) {
    const bytes = chunk.subarray(0, await item.read(chunk.subarray(0, item.sizeBytes - offset), offset))
    if (bytes.length === 0) throw new SourceError("expected the file to keep its size")
    if (offset === 0) {
      // Use the digested head, because the file may have changed since it was sniffed.
      found = sniffMedia(bytes.subarray(0, SNIFF_BYTES), item.sizeBytes)
      if (found.mediaType === "application/gzip") found = unpackedSvgz(bytes.subarray(0, SNIFF_BYTES)) ?? found
      if (found.kind === "text") textCheck = createTextCheck(bytes)
      if (isWrittenAsText(found)) textScan = startTextScan(bytes)
      if (found.kind === "array") ({ media: found, cause } = judged(bytes, found, item.sizeBytes))
    }
    if (found.kind === "array") {
      if (holdsPictureFile(Buffer.concat([end, bytes]))) found = UNKNOWN
      end = Buffer.from(bytes.subarray(-BEGINNING_OVERLAP))
    }
    digester.update(bytes)
    textCheck?.push(bytes)
    await textScan?.push(bytes)
    offset += bytes.length
    await setImmediate()
  }
  if (textCheck !== undefined) found = textCheck.conclude(found)
  const seen = await textScan?.finish()
  return compact({
    sizeBytes: offset,
    digests: digester.finish(),
    media: found,
    cause,
    seen,
  })
}
