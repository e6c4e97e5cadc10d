/**
 * Writes the records of a zip: those of its source, changed where they must be.
 *
 * Source: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.14 to 4.3.16 (ends), 4.5.3
 * (ZIP64).
 * @module
 */
import type { ZipEntry } from "./directory.ts"
import { copiedFields, extraFields, MAX_EXTRA_BYTES, ZIP64_FIELD, zip64Field } from "./extra-fields.ts"

/** Data of an entry that are written again, deflated. */
export interface NewData {
  readonly crc32: number
  /** Below 4 GiB. */
  readonly compressedSize: number
  /** Below 4 GiB. */
  readonly sizeBytes: number
}

const DESCRIPTOR = 0x8
/** Bits that say how hard an entry was compressed. */
const EFFORT = 0x6
const DEFLATED = 8
const LOCAL_BYTES = 30
const RECORD_BYTES = 46
const MAX_32 = 0xffffffff
const MAX_16 = 0xffff

/** The local header of an entry with new data: no descriptor follows them. */
export function changedHeader(header: Uint8Array, data: NewData): Uint8Array {
  const before = Buffer.from(header)
  const extraStart = LOCAL_BYTES + before.readUInt16LE(26)
  const extra = copiedFields(before.subarray(extraStart))
  const changed = Buffer.from(before.subarray(0, extraStart))
  writeData(changed.subarray(6), data)
  changed.writeUInt16LE(extra.length, 28)
  return Buffer.concat([changed, extra])
}

/**
 * A directory record as a clean copy holds it: without long extra fields and comments.
 *
 * @param offset - of its local header in the new file.
 */
export function copiedRecord(entry: ZipEntry, offset: number, data: NewData | undefined): Uint8Array {
  const record = Buffer.from(entry.record)
  const extraStart = RECORD_BYTES + record.readUInt16LE(28)
  const commentStart = extraStart + record.readUInt16LE(30)
  const comment = record.subarray(commentStart)
  const isShort = commentStart - extraStart <= MAX_EXTRA_BYTES && comment.length <= MAX_EXTRA_BYTES
  const hasRoom = offset < MAX_32 || record.readUInt32LE(42) === MAX_32
  if (data === undefined && isShort && hasRoom) return movedRecord(entry, offset)

  const { compressedSize, sizeBytes } = data ?? entry
  const changed = Buffer.from(record.subarray(0, extraStart))
  if (data !== undefined) writeData(changed.subarray(8), data)
  const large = [sizeBytes, compressedSize, offset].filter((value) => value >= MAX_32)
  const extra = Buffer.concat([
    ...(large.length === 0 ? [] : [zip64Field(large)]),
    copiedFields(record.subarray(extraStart, commentStart)),
  ])
  const copiedComment = comment.length <= MAX_EXTRA_BYTES ? comment : Buffer.alloc(0)
  changed.writeUInt32LE(Math.min(compressedSize, MAX_32), 20)
  changed.writeUInt32LE(Math.min(sizeBytes, MAX_32), 24)
  changed.writeUInt16LE(extra.length, 30)
  changed.writeUInt16LE(copiedComment.length, 32)
  changed.writeUInt32LE(Math.min(offset, MAX_32), 42)
  return Buffer.concat([changed, extra, copiedComment])
}

/**
 * A directory record with the entry's new offset, and nothing else changed.
 *
 * @param offset - below 4 GiB, unless it was beyond before.
 */
export function movedRecord(entry: ZipEntry, offset: number): Uint8Array {
  const record = Buffer.from(entry.record)
  if (record.readUInt32LE(42) !== MAX_32) {
    record.writeUInt32LE(offset, 42)
    return record
  }
  const before = [20, 24].filter((field) => record.readUInt32LE(field) === MAX_32).length
  const extraStart = RECORD_BYTES + record.readUInt16LE(28)
  const extra = record.subarray(extraStart, extraStart + record.readUInt16LE(30))
  extraFields(extra)
    .find(({ id }) => id === ZIP64_FIELD)
    ?.data.writeBigUInt64LE(BigInt(offset), 8 * before)
  return record
}

/** The end of the file. */
export function endRecords(directory: {
  readonly count: number
  readonly start: number
  readonly sizeBytes: number
  readonly comment: Uint8Array
}): Uint8Array {
  const { count, start, sizeBytes, comment } = directory
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(count, MAX_16), 8)
  end.writeUInt16LE(Math.min(count, MAX_16), 10)
  end.writeUInt32LE(Math.min(sizeBytes, MAX_32), 12)
  end.writeUInt32LE(Math.min(start, MAX_32), 16)
  end.writeUInt16LE(comment.length, 20)
  if (count < MAX_16 && sizeBytes < MAX_32 && start < MAX_32) return Buffer.concat([end, comment])
  const large = Buffer.alloc(76)
  large.writeUInt32LE(0x06064b50, 0)
  large.writeBigUInt64LE(44n, 4)
  large.writeUInt16LE(45, 12)
  large.writeUInt16LE(45, 14)
  large.writeBigUInt64LE(BigInt(count), 24)
  large.writeBigUInt64LE(BigInt(count), 32)
  large.writeBigUInt64LE(BigInt(sizeBytes), 40)
  large.writeBigUInt64LE(BigInt(start), 48)
  large.writeUInt32LE(0x07064b50, 56)
  large.writeBigUInt64LE(BigInt(start + sizeBytes), 64)
  large.writeUInt32LE(1, 72)
  return Buffer.concat([large, end, comment])
}

/** Writes what both headers of an entry say of its data, from the flags to the sizes. */
function writeData(fields: Buffer, { crc32, compressedSize, sizeBytes }: NewData): void {
  fields.writeUInt16LE(fields.readUInt16LE(0) & ~(DESCRIPTOR | EFFORT), 0)
  fields.writeUInt16LE(DEFLATED, 2)
  fields.writeUInt32LE(crc32, 8)
  fields.writeUInt32LE(compressedSize, 12)
  fields.writeUInt32LE(sizeBytes, 16)
}
