/**
 * Texts of the web that are not UTF-8.
 * @module
 */
import { isUtf8 } from "node:buffer"
import { SNIFF_BYTES, sniffMedia } from "@nightlight/core"

const TEXT_TYPE = /^(?:text\/|application\/(?:[\w.+-]*(?:xml|json|javascript|ecmascript)))/i
const META_CHARSET = /<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{2,40})/i
const META_BYTES = 2_048
/** What the web takes for a text without a name of its encoding. */
const USUAL = "windows-1252"

/**
 * A text in UTF-8, where a payload is text in another encoding, by its header, its `meta` element or the usual one;
 * `undefined` for any other payload. Control characters stay, so that bytes that are no text do not become one.
 */
export function recodedText(payload: Buffer, contentType: string): Buffer | undefined {
  if (!TEXT_TYPE.test(contentType) || isUtf8(payload)) return undefined
  if (sniffMedia(payload.subarray(0, SNIFF_BYTES), payload.length).kind !== "unknown") return undefined
  const named = /charset\s*=\s*["']?([\w-]{2,40})/i.exec(contentType)?.[1]
  const meta = META_CHARSET.exec(payload.toString("latin1", 0, META_BYTES))?.[1]
  return Buffer.from(decodeAs(named ?? meta ?? USUAL, payload))
}

function decodeAs(label: string, payload: Buffer): string {
  try {
    return new TextDecoder(label).decode(payload)
  } catch {
    return new TextDecoder(USUAL).decode(payload)
  }
}
