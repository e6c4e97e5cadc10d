import { isUtf8 } from "node:buffer"
import { hasControlCharacters, type SniffedMedia, TextSearch } from "@nightlight/core"

/** Checks a text from its first to its last byte. */
export interface TextCheck {
  push(chunk: Uint8Array): void
  /** The type of everything that was pushed, given the type by its first bytes: text, a picture in it, or unknown. */
  conclude(media: SniffedMedia): SniffedMedia
}

const UNKNOWN: SniffedMedia = { mediaType: "application/octet-stream", kind: "unknown" }

/** Starts a check of a text, whose encoding is taken from its first bytes as in `sniffMedia` of screening. */
export function createTextCheck(head: Uint8Array): TextCheck {
  const decoder = new TextDecoder(encodingOf(head), { fatal: true })
  const search = new TextSearch()
  let isText = true
  const take = (chunk: Uint8Array, stream: boolean) => {
    if (!isText) return
    try {
      const text = decoder.decode(chunk, { stream })
      isText = !hasControlCharacters(text)
      search.push(text)
    } catch {
      isText = false
    }
  }
  return {
    push: (chunk) => take(chunk, true),
    conclude(media) {
      take(new Uint8Array(0), false)
      return isText ? search.conclude(media) : UNKNOWN
    },
  }
}

/** The type of bytes that begin as text, after checking them to their end. */
export function checkText(bytes: Uint8Array, media: SniffedMedia): SniffedMedia {
  if (encodingOf(bytes) === "utf-8" && !isUtf8(bytes)) return UNKNOWN
  const check = createTextCheck(bytes)
  check.push(bytes)
  return check.conclude(media)
}

/** The encoding of a text by its first bytes. */
export function encodingOf(head: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le"
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be"
  return "utf-8"
}
