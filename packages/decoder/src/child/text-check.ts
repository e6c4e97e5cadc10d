import { isUtf8 } from "node:buffer"
import { hasControlCharacters } from "@nightlight/core"

/** Follows a text from its first to its last byte. */
export interface TextCheck {
  push(chunk: Uint8Array): void
  /** Whether everything pushed was text. */
  isText(): boolean
}

/** Starts a check of text whose encoding its first bytes tell, as {@link sniffMedia} reads them. */
export function createTextCheck(head: Uint8Array): TextCheck {
  const decoder = new TextDecoder(encodingOf(head), { fatal: true })
  let isText = true
  const take = (chunk: Uint8Array, stream: boolean) => {
    try {
      if (isText && hasControlCharacters(decoder.decode(chunk, { stream }))) isText = false
    } catch {
      isText = false
    }
  }
  return {
    push: (chunk) => take(chunk, true),
    isText() {
      take(new Uint8Array(0), false)
      return isText
    },
  }
}

/** Whether bytes that begin as text are text to their end. */
export function isTextThroughout(bytes: Uint8Array): boolean {
  if (encodingOf(bytes) === "utf-8" && !isUtf8(bytes)) return false
  const check = createTextCheck(bytes)
  check.push(bytes)
  return check.isText()
}

function encodingOf(head: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le"
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be"
  return "utf-8"
}
