/**
 * `multipart/form-data` under strict rules: whatever two programs could read differently is refused. Nothing is written
 * to disk.
 *
 * Source: RFC 7578, RFC 2046 5.1.1.
 * @module
 */
import { GuardRefusal } from "../../errors.ts"

/** One part of a form. */
export interface FormPart {
  readonly name: string
  /** Whether it came with a file name; the name itself is not read. */
  readonly isFile: boolean
  readonly bytes: Uint8Array
}

/** Largest number of parts in one form. */
const MAX_PARTS = 128
const MAX_HEADER_BYTES = 4096
const BOUNDARY = /^multipart\/form-data;[ \t]*boundary=(?:"([A-Za-z0-9'()+_,./:=?-]{1,70})"|([A-Za-z0-9'+_.-]{1,70}))$/i
const DISPOSITION = /^form-data; ?name="([^"\\\r\n]{1,64})"(; ?filename="[^"\r\n]{0,1024}")?$/i
const PART_TYPE = /^[\x20-\x7e]{1,255}$/
const CRLF = Buffer.from("\r\n")
const END_OF_HEADERS = Buffer.from("\r\n\r\n")

/**
 * Reads a form.
 *
 * @param header - the whole content-type header.
 * @throws {GuardRefusal} `invalid_body`, `unsupported_media_type`; names no part by its own name.
 */
export function parseForm(header: string, body: Uint8Array): FormPart[] {
  const match = BOUNDARY.exec(header.trim())
  const boundary = match?.[1] ?? match?.[2]
  if (boundary === undefined) {
    throw new GuardRefusal("unsupported_media_type", "the body must be multipart/form-data with one boundary")
  }
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.length)
  const opening = Buffer.from(`--${boundary}\r\n`)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  if (!bytes.subarray(0, opening.length).equals(opening)) throw malformed("does not begin with its boundary")
  const parts: FormPart[] = []
  for (let offset = opening.length; ; ) {
    const end = bytes.indexOf(delimiter, offset)
    if (end === -1) throw malformed("is cut off")
    if (parts.length >= MAX_PARTS) throw malformed("has too many parts")
    parts.push(parsePart(bytes.subarray(offset, end)))
    offset = end + delimiter.length
    const after = bytes.subarray(offset, offset + 2)
    offset += 2
    if (after.equals(CRLF)) continue
    const rest = bytes.subarray(offset)
    if (after.toString("latin1") === "--" && (rest.length === 0 || rest.equals(CRLF))) return parts
    throw malformed("has text behind a boundary")
  }
}

function parsePart(bytes: Buffer): FormPart {
  const end = bytes.indexOf(END_OF_HEADERS)
  if (end === -1 || end > MAX_HEADER_BYTES) throw malformed("has a part whose headers do not end")
  let disposition: string | undefined
  let type: string | undefined
  for (const line of decode(bytes.subarray(0, end)).split("\r\n")) {
    const colon = line.indexOf(":")
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    if (name === "content-disposition" && disposition === undefined) disposition = value
    else if (name === "content-type" && type === undefined && PART_TYPE.test(value)) type = value
    else throw malformed("has a part with a header that is not allowed")
  }
  if (type !== undefined && /^multipart\//i.test(type)) throw malformed("has a form within a part")
  const match = DISPOSITION.exec(disposition ?? "")
  if (match === null) throw malformed("has a part whose name cannot be read")
  return {
    name: match[1] as string,
    isFile: match[2] !== undefined,
    bytes: bytes.subarray(end + END_OF_HEADERS.length),
  }
}

/** Reads a text of a form. @throws {GuardRefusal} `invalid_body` where it is not UTF-8. */
export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed("has a text that is not UTF-8")
  }
}

function malformed(what: string): GuardRefusal {
  return new GuardRefusal("invalid_body", `the form ${what}`)
}
