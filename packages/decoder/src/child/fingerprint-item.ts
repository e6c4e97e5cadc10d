import type { Fingerprint, InconclusiveCause } from "@nightlight/core"
import { type InitMessage, type JpegDecoder, PREPARED_AHEAD } from "../protocol.ts"
import { type ArrayReader, createArrayReader, headerOf } from "./arrays/array-reader.ts"
import { NO_DIGESTS } from "./digests.ts"
import type { ItemRequest } from "./item-request.ts"
import { loadSystemJpeg } from "./jpeg/system-jpeg.ts"
import { mergeFingerprint } from "./merge-fingerprint.ts"
import { openItem, SourceError } from "./open-item.ts"
import { createPictureReader, type PictureReader } from "./picture.ts"
import { type AheadItem, createReadAhead } from "./read-ahead.ts"
import { ReadBuffer, type ReadItem, readItem, recognised } from "./read-item.ts"
import { createTextScanner, isWrittenAsText, type StartTextScan, scanText } from "./texts/text-scanner.ts"

/** Makes fingerprints, several concurrently. */
export interface Fingerprinter {
  readonly jpegDecoder: JpegDecoder
  /**
   * Reads and digests one item, and decodes it if it is a picture. Never rejects because of the item.
   *
   * @param early - called at most once, with only digests and type, when a decode takes long or when the request asks
   * for it.
   */
  fingerprint(request: ItemRequest, early: (fingerprint: Fingerprint) => void): Promise<Fingerprint>
  /**
   * Reads and digests several items together where that is faster; each is fingerprinted in its turn.
   *
   * @param requests - the next request and those waiting after it.
   */
  readAhead(requests: readonly ItemRequest[]): void
}

/** A longer decode reports the digests to the parent first, so that they survive the child's death. */
const EARLY_AFTER_MS = 250

const UNREADABLE: Fingerprint = {
  sizeBytes: 0,
  ...NO_DIGESTS,
  mediaType: "application/octet-stream",
  kind: "unknown",
  inconclusive: "source_unreadable",
}

/** Loads the hasher and the system's JPEG decoder, and sets up libvips. */
export async function createFingerprinter(init: InitMessage): Promise<Fingerprinter> {
  const systemJpeg = loadSystemJpeg()
  const pictures = await createPictureReader(init, systemJpeg)
  const arrays = createArrayReader(init)
  const buffers: ReadBuffer[] = []
  const ahead = createReadAhead(init.inFlight + PREPARED_AHEAD, init.confineTo)

  return {
    jpegDecoder: systemJpeg === undefined ? "bundled" : "system",
    readAhead: (requests) => ahead.read(requests),
    async fingerprint(request, early) {
      const buffer = buffers.pop() ?? new ReadBuffer()
      const read = ahead.take(request.id)
      try {
        return await fingerprintOpen({ request, buffer, read, init, pictures, arrays }, early)
      } catch (error) {
        if (error instanceof SourceError) return UNREADABLE
        throw error
      } finally {
        read?.release()
        buffer.release()
        buffers.push(buffer)
      }
    },
  }
}

interface Work {
  readonly request: ItemRequest
  readonly buffer: ReadBuffer
  /** The item, if it was read before its turn. */
  readonly read: AheadItem | undefined
  readonly init: InitMessage
  readonly pictures: PictureReader
  readonly arrays: ArrayReader
}

async function fingerprintOpen(work: Work, early: (fingerprint: Fingerprint) => void): Promise<Fingerprint> {
  const { request, init, pictures, arrays } = work
  // The parent knows how long a stream took to arrive, and measures its time.
  const timeMs = request.source.kind === "stream" ? Number.POSITIVE_INFINITY : init.limits.timeoutMs * 0.9
  const deadline = performance.now() + timeMs
  const startTextScan = createTextScanner({ pictures, init, deadline })
  const read = await readRequest(work, startTextScan)
  const known = { sizeBytes: read.sizeBytes, ...read.digests, ...read.media }
  if (read.bytes === undefined) return withCause({ ...known, ...read.seen }, read.cause ?? causeWithoutPixels(read))
  if (request.early) early({ ...known, inconclusive: "picture_undecodable" })
  const timer = request.early
    ? undefined
    : setTimeout(early, EARLY_AFTER_MS, { ...known, inconclusive: "picture_undecodable" })
  try {
    if (read.media.kind === "array") {
      const words = await scanText(startTextScan, headerOf(read.bytes, read.media))
      return mergeFingerprint({ ...known, ...(await arrays.read(read.bytes, read.media, deadline)) }, words)
    }
    if (isWrittenAsText(read.media)) {
      const seen = await scanText(startTextScan, read.bytes)
      return withCause({ ...known, ...seen }, causeWithoutPixels(read))
    }
    const seen = await pictures.read(read.bytes, read.media.mediaType, deadline)
    return { ...known, ...seen }
  } finally {
    clearTimeout(timer)
  }
}

/**
 * A cause from a picture inside an item takes precedence over the item's own cause, so that no media exception clears
 * it.
 */
function withCause(fingerprint: Fingerprint, cause: InconclusiveCause | undefined): Fingerprint {
  return fingerprint.inconclusive !== undefined || cause === undefined
    ? fingerprint
    : { ...fingerprint, inconclusive: cause }
}

async function readRequest({ request, buffer, read, init }: Work, startTextScan: StartTextScan): Promise<ReadItem> {
  if (read !== undefined) return recognised(read.bytes, read.digests, init.limits.maxBytes)
  const item = openItem(request, init.confineTo)
  try {
    return await readItem(item, buffer, init.limits.maxBytes, startTextScan)
  } finally {
    item.close()
  }
}

function causeWithoutPixels({ media }: ReadItem): InconclusiveCause | undefined {
  switch (media.kind) {
    case "picture":
      return "byte_limit"
    case "opaque":
      return "media_unsupported"
    case "unknown":
      return "media_unknown"
    case "text":
    case "array":
    case "archive":
      return undefined
    default:
      return media.kind satisfies never
  }
}
