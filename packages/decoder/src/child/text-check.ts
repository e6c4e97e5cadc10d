import { isUtf8 } from "node:buffer"
import { hasControlCharacters, type SniffedMedia, TextSearch } from "@nightlight/core"

/** Follows a text from its first to its last byte. */
export interface TextCheck {
  push(chunk: Uint8Array): void
  /** What everything that was pushed is, given what its first bytes say: text, or a picture in it, or not known. */
  conclude(media: SniffedMedia): SniffedMedia
}

const UNKNOWN: SniffedMedia = { mediaType: "application/octet-stream", kind: "unknown" }

/** Starts a check of text whose encoding its first bytes tell, as {@link sniffMedia} reads them. */
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

/** What bytes that begin as text are, looked at to their end. */
export function checkText(bytes: Uint8Array, media: SniffedMedia): SniffedMedia {
  if (encodingOf(bytes) === "utf-8" && !isUtf8(bytes)) return UNKNOWN
  const check = createTextCheck(bytes)
  check.push(bytes)
  return check.conclude(media)
}

/** The encoding that a text's first bytes tell. */
export function encodingOf(head: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le"
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be"
  return "utf-8"
}
