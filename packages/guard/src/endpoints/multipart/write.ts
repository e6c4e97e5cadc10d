/**
 * `multipart/form-data`, written anew: with an unpredictable boundary, and the guard's own names and types.
 * @module
 */
import { randomBytes } from "node:crypto"
import type { Payload } from "../../inspect/payload.ts"

/** One part to be written. */
export type WrittenField =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly bytes: Uint8Array; readonly mediaType: string; readonly fileName: string }

/** Serialises a form. Names and types are the guard's own and need no escaping. */
export function writeForm(fields: readonly WrittenField[]): Payload {
  const boundary = `guard-${randomBytes(24).toString("hex")}`
  const pieces: Uint8Array[] = []
  for (const field of fields) {
    const isText = "text" in field
    const file = isText ? "" : `; filename="${field.fileName}"\r\nContent-Type: ${field.mediaType}`
    pieces.push(
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${field.name}"${file}\r\n\r\n`),
      isText ? Buffer.from(field.text) : field.bytes,
      Buffer.from("\r\n"),
    )
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`))
  return { contentType: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(pieces) }
}
