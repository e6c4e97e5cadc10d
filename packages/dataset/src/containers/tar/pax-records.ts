/**
 * Records of a pax extended header.
 *
 * Source: POSIX.1-2024 `pax`, "pax Extended Header": each record is `LENGTH KEY=VALUE` and a newline, the length in
 * decimal and of the whole record.
 * @module
 */
import { ShardError } from "@nightlight/core"
import { decodeName } from "../../readers/entry-name.ts"

/** The pax records that change how a member is read. */
export interface PaxRecords {
  readonly path?: string
  readonly sizeBytes?: number
  readonly sparse: boolean
  readonly linkPath: boolean
}

/**
 * Reads the records of one extended header.
 *
 * @throws {ShardError} `shard_malformed` if they are not records, or a size is not a number of bytes.
 */
export function parsePaxRecords(bytes: Uint8Array): PaxRecords {
  let records: PaxRecords = { sparse: false, linkPath: false }
  let offset = 0
  while (offset < bytes.length && bytes[offset] !== 0) {
    const space = bytes.indexOf(0x20, offset)
    const length = space === -1 || space - offset > 10 ? Number.NaN : decimal(bytes.subarray(offset, space))
    const end = offset + length
    const equals = bytes.indexOf(0x3d, space)
    if (!(end <= bytes.length) || bytes[end - 1] !== 0x0a || equals === -1 || equals >= end) throw malformed()
    const key = Buffer.from(bytes.subarray(space + 1, equals)).toString("latin1")
    records = { ...records, ...meaningOf(key, bytes.subarray(equals + 1, end - 1)) }
    offset = end
  }
  return records
}

function meaningOf(key: string, value: Uint8Array): Partial<PaxRecords> {
  if (key === "path") return { path: decodeName(value) }
  if (key === "linkpath") return { linkPath: true }
  if (key.startsWith("GNU.sparse.")) return { sparse: true }
  if (key !== "size") return {}
  const sizeBytes = decimal(value)
  if (!Number.isSafeInteger(sizeBytes)) throw malformed()
  return { sizeBytes }
}

/** Digits only: `Number` would take signs, exponents and spaces. */
function decimal(bytes: Uint8Array): number {
  const text = Buffer.from(bytes).toString("latin1")
  return /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
}

function malformed(): ShardError {
  return new ShardError("shard_malformed", "expected pax records in an extended tar header")
}
