import { createHash } from "node:crypto"

/** Named fields of a record or message. */
export type Fields = Readonly<Record<string, string>>

/** A WARC record as the standard lays it out: version, fields, an empty line, the block, two line ends. */
export function warcRecord(fields: Fields, block: string | Uint8Array = "", version = "WARC/1.1"): Buffer {
  const bytes = Buffer.from(block as string)
  const all = { "Content-Length": String(bytes.length), ...fields }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${version}\r\n${lines.join("")}\r\n`), bytes, Buffer.from("\r\n\r\n")])
}

/** An HTTP response as a block. */
export function httpResponse(fields: Fields, body: string | Uint8Array): Buffer {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`, "latin1"), Buffer.from(body as string)])
}

/** A record with an HTTP response, as crawlers write it. */
export function responseRecord(
  url: string,
  body: string | Uint8Array,
  { http = {}, warc = {} }: { readonly http?: Fields; readonly warc?: Fields } = {},
): Buffer {
  const fields = {
    "WARC-Type": "response",
    "WARC-Record-ID": `<urn:uuid:00000000-0000-4000-8000-${createHash("sha1").update(url).digest("hex").slice(0, 12)}>`,
    "WARC-Date": "2026-12-01T00:00:00Z",
    "WARC-Target-URI": url,
    "Content-Type": "application/http; msgtype=response",
    ...warc,
  }
  return warcRecord(fields, httpResponse({ "Content-Type": "text/html; charset=utf-8", ...http }, body))
}

/** A body cut into chunks of the given length, with an extension and a trailer. */
export function chunked(body: Uint8Array, length = 1_000): Buffer {
  const parts: Buffer[] = []
  for (let offset = 0; offset < body.length; offset += length) {
    const part = body.subarray(offset, offset + length)
    parts.push(Buffer.from(`${part.length.toString(16)};a=b\r\n`), Buffer.from(part), Buffer.from("\r\n"))
  }
  return Buffer.concat([...parts, Buffer.from("0\r\nX-Trailer: c\r\n\r\n")])
}

/** A digest in base32, as crawlers write SHA-1. */
export function base32Sha1(bytes: Uint8Array): string {
  const bits = Array.from(createHash("sha1").update(bytes).digest(), (byte) => byte.toString(2).padStart(8, "0")).join(
    "",
  )
  const digits = (bits.match(/.{5}/g) ?? []).map((group) => Number.parseInt(group, 2))
  return `sha1:${digits.map((digit) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[digit]).join("")}`
}
