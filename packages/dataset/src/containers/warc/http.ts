/**
 * The payload of an HTTP message as a crawler recorded it.
 *
 * Source: RFC 9112, section 7.1 (chunked), RFC 9110, section 8.4 (content codings). As `warcio` does, a body that is not
 * encoded as its header says is taken as it is: many crawlers decode bodies and keep the header.
 * @module
 */
import {
  type BrotliOptions,
  brotliDecompressSync,
  gunzipSync,
  inflateRawSync,
  inflateSync,
  type ZlibOptions,
} from "node:zlib"
import { compact, type InconclusiveCause } from "@nightlight/core"
import { type Field, fieldOf, parseFields } from "./fields.ts"
import { headerEnd } from "./split-warc.ts"

/** An HTTP message, its encodings undone. */
export interface HttpMessage {
  /** Status line and fields, and whatever else of the message is not its payload. */
  readonly header: Buffer
  readonly fields: readonly Field[]
  readonly payload: Buffer
  /** Why the payload is not certainly what a reader would make of the message. */
  readonly refused?: InconclusiveCause
}

/** More codings than any server applies. */
const MAX_CODINGS = 4
const MAX_CHUNKS = 2 ** 18
const NO_BYTES = Buffer.alloc(0)

/**
 * Reads an HTTP message.
 *
 * @param mostBytes - Most bytes that each coding may inflate to.
 */
export function readHttp(block: Buffer, mostBytes: number): HttpMessage {
  const length = headerEnd(block) ?? block.length
  const header = block.subarray(0, length)
  const fields = parseFields(header.toString("latin1"))
  const isChunked = /\bchunked\b/i.test(fieldOf(fields, "transfer-encoding") ?? "")
  const body = block.subarray(length)
  const unchunked = isChunked ? dechunk(body) : whole(body)
  const decoded = unchunked.refused === undefined ? decode(unchunked.payload, fields, mostBytes) : unchunked
  const { payload, refused } = decoded
  return { header: Buffer.concat([header, unchunked.rest, decoded.rest]), fields, payload, ...compact({ refused }) }
}

/** Bytes with an encoding undone, and what of them was not data. */
interface Undone {
  readonly payload: Buffer
  readonly rest: Buffer
  readonly refused?: InconclusiveCause
}

function whole(payload: Buffer): Undone {
  return { payload, rest: NO_BYTES }
}

const SIZE_LINE = /^([0-9A-Fa-f]{1,12})[ \t]*(;[^\n]*?)?\r?\n/
const MAX_SIZE_LINE_BYTES = 4_096

/**
 * Undoes chunks. What is neither size nor data (extensions, trailers) is the rest. A body whose first line is no size is
 * not chunked.
 */
function dechunk(body: Buffer): Undone {
  const parts: Buffer[] = []
  const rest: Buffer[] = []
  const broken = (refused: InconclusiveCause) => ({ ...whole(body), refused })
  for (let offset = 0; ; ) {
    const line = SIZE_LINE.exec(body.toString("latin1", offset, offset + MAX_SIZE_LINE_BYTES))
    if (line === null) return offset === 0 ? whole(body) : broken("archive_malformed")
    const size = Number.parseInt(line[1] ?? "", 16)
    const start = offset + line[0].length
    if (line[2] !== undefined) rest.push(Buffer.from(`${line[2]}\n`, "latin1"))
    if (size === 0) {
      rest.push(body.subarray(start))
      return { payload: Buffer.concat(parts), rest: Buffer.concat(rest) }
    }
    const end = start + size
    offset = body[end] === RETURN ? end + 2 : end + 1
    if (body[offset - 1] !== FEED) return broken("archive_malformed")
    if (parts.push(body.subarray(start, end)) > MAX_CHUNKS) return broken("archive_limit")
  }
}

const FEED = 0x0a
const RETURN = 0x0d

function decode(body: Buffer, fields: readonly Field[], mostBytes: number): Undone {
  const codings = (fieldOf(fields, "content-encoding") ?? "").toLowerCase().split(",")
  if (codings.length > MAX_CODINGS) return { ...whole(body), refused: "archive_limit" }
  let payload = body
  const rest: Buffer[] = []
  for (const coding of codings.toReversed()) {
    const inflate = CODINGS.get(coding.trim())
    if (inflate === undefined || payload.length === 0) continue
    try {
      const { buffer, engine } = inflate(payload, { maxOutputLength: Math.max(1, mostBytes), info: true })
      rest.push(payload.subarray(engine.bytesWritten))
      payload = buffer
    } catch (error) {
      if (error instanceof RangeError) return { ...whole(body), refused: "archive_limit" }
      break
    }
  }
  return { payload, rest: Buffer.concat(rest) }
}

type Inflate = (bytes: Buffer, options: ZlibOptions & BrotliOptions) => Inflated

/** zlib's result with `info`. */
interface Inflated {
  readonly buffer: Buffer
  readonly engine: { readonly bytesWritten: number }
}

/** Zstd is not undone here: as a nested archive it is opened through all of its frames. */
const CODINGS: ReadonlyMap<string, Inflate> = new Map([
  ["gzip", withInfo(gunzipSync)],
  ["x-gzip", withInfo(gunzipSync)],
  // Some servers leave out zlib's own header.
  [
    "deflate",
    withInfo((bytes, options) => ((bytes[0] ?? 0) % 16 === 8 ? inflateSync : inflateRawSync)(bytes, options)),
  ],
  ["br", withInfo(brotliDecompressSync)],
])

/** Node's types do not know the result that `info` gives. */
function withInfo(inflate: (bytes: Buffer, options: ZlibOptions & BrotliOptions) => unknown): Inflate {
  return (bytes, options) => inflate(bytes, options) as Inflated
}
