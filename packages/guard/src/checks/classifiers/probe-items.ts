/**
 * The probe that shows whether a failed classifier works again: a greeting, or a grey square.
 * @module
 */
import { crc32, deflateSync } from "node:zlib"
import type { CheckItem, Medium } from "../../inspect/inspectable.ts"

const SIDE = 64

/** Makes a harmless item of a medium. */
export function probeItem(medium: Medium): CheckItem {
  const place = { role: "user", choice: 0, path: "probe" } as const
  return medium === "text"
    ? { ...place, kind: "text", channel: "text", text: "Good morning." }
    : { ...place, kind: "bytes", channel: "image", bytes: greySquare() }
}

/** A PNG of 64 by 64 grey pixels. */
function greySquare(): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(SIDE, 0)
  header.writeUInt32BE(SIDE, 4)
  header.writeUInt8(8, 8)
  const rows = Buffer.concat(
    Array.from({ length: SIDE }, () => Buffer.concat([Buffer.of(0), Buffer.alloc(SIDE, 0x80)])),
  )
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const ends = Buffer.alloc(8)
  ends.writeUInt32BE(data.length, 0)
  ends.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)])
}
