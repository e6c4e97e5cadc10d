import { randomBytes } from "node:crypto"

/** A form built here, so that a file passes through it without ever being whole in memory or on disk. */
export interface Multipart {
  readonly contentType: string
  /** Bytes before the file, or the whole form without a file. */
  readonly head: Uint8Array
  /** Bytes after the file. */
  readonly tail: Uint8Array
}

const utf8 = new TextEncoder()

/**
 * Writes a form with the field `id`.
 *
 * @param id - Digits.
 */
export function idForm(id: string): Multipart {
  const boundary = newBoundary()
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: utf8.encode(idPart(boundary, id)),
    tail: utf8.encode(`--${boundary}--\r\n`),
  }
}

/**
 * Writes a form with the fields `id` and `file`, around the file's bytes.
 *
 * @param fileName - Letters, digits, `.`, `_` and `-`.
 */
export function fileForm(id: string, fileName: string): Multipart {
  const boundary = newBoundary()
  const file =
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\n` +
    "Content-Type: application/octet-stream\r\n\r\n"
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    head: utf8.encode(idPart(boundary, id) + file),
    tail: utf8.encode(`\r\n--${boundary}--\r\n`),
  }
}

/** 192 random bits: no content contains them by chance or on purpose. */
function newBoundary(): string {
  return `form-${randomBytes(24).toString("hex")}`
}

function idPart(boundary: string, id: string): string {
  return `--${boundary}\r\nContent-Disposition: form-data; name="id"\r\n\r\n${id}\r\n`
}
