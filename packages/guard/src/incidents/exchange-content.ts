/**
 * An exchange as it is sealed: the request as inspected, and the part of the answer that was withheld.
 * @module
 */
import { createHash } from "node:crypto"
import type { BlockEvent } from "./ports.ts"

/** Name and version of a sealed exchange's form. */
export const EXCHANGE_FORMAT = "nightlight-guard-exchange/1"

const PIECE_BYTES = 48 * 1024
const EXCERPT_CHARS = 262_144
/** Base64 of a picture, which is of no use in an excerpt. */
const LONG_RUN = /[A-Za-z0-9+/=_-]{2048,}/g

type Said = BlockEvent["request"]

/**
 * The exchange as JSON, piece by piece: `{format, endpoint, direction, request, answer}`, bodies in base64. The same
 * exchange gives the same bytes, whenever it takes place.
 */
export function* exchangeContent({
  endpoint,
  direction,
  request,
  answer,
}: BlockEvent): Generator<Uint8Array, void, void> {
  yield Buffer.from(`{"format":"${EXCHANGE_FORMAT}","endpoint":"${endpoint}","direction":"${direction}","request":`)
  yield* said(request)
  if (answer !== undefined) {
    yield Buffer.from(',"answer":')
    yield* said(answer)
  }
  yield Buffer.from("}")
}

/** Digest and size of {@link exchangeContent}. */
export function digestExchange(event: BlockEvent): { readonly sha256: string; readonly sizeBytes: number } {
  const hash = createHash("sha256")
  let sizeBytes = 0
  for (const piece of exchangeContent(event)) {
    hash.update(piece)
    sizeBytes += piece.length
  }
  return { sha256: hash.digest("hex"), sizeBytes }
}

/** The same as a stream, for sealing. */
export async function* exchangeStream(event: BlockEvent): AsyncGenerator<Uint8Array, void, void> {
  yield* exchangeContent(event)
}

/** The text of a message for the context of a picture's evidence, without pictures and cut to 256 Ki characters. */
export function excerptOf({ bytes }: Said): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")
  const short = text.replace(LONG_RUN, (run) => `[${run.length} characters]`)
  return short.length <= EXCERPT_CHARS ? short : `${short.slice(0, EXCERPT_CHARS)} [shortened]`
}

/**
 * The turns that the signals are about, so that a reader can skip the others: numbers from 0 over the request's
 * messages and then the answer's choices. Empty where the request is not a chat.
 */
export function flaggedTurns({
  direction,
  items,
  request,
}: Pick<BlockEvent, "direction" | "items" | "request">): number[] {
  const asked = messagesIn(request)
  const turns = items.flatMap(({ path, choice }) => {
    if (direction === "output") return asked > 0 ? [asked + choice] : []
    const [, message] = /^messages\[(\d+)\]/.exec(path) ?? []
    return message === undefined ? [] : [Number(message)]
  })
  return [...new Set(turns)].toSorted((a, b) => a - b)
}

function messagesIn({ bytes }: Said): number {
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"))
    const { messages } = body as { readonly messages?: unknown }
    return Array.isArray(messages) ? messages.length : 0
  } catch {
    // A multipart body, or one that is not JSON: not a chat.
    return 0
  }
}

function* said({ contentType, bytes }: Said): Generator<Uint8Array, void, void> {
  yield Buffer.from(`{"contentType":${JSON.stringify(contentType)},"base64":"`)
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    yield Buffer.from(Buffer.from(bytes.subarray(offset, offset + PIECE_BYTES)).toString("base64"))
  }
  yield Buffer.from('"}')
}
